package batchnorm.codec;

import java.util.Set;

/// Which tensors of a checkpoint are wanted. Nothing is kept of the others.
public interface Selection {

    /// The wanted ones among all that a file has, where it names them before the first number.
    Set<String> among(Set<String> names);

    /// Whether a tensor may be wanted, where the file has not named the others yet.
    boolean mayBe(String name);
}
