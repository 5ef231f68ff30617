package batchnorm.codec;

import java.util.Set;

/// Selects tensors of a checkpoint. The others are skipped without being stored.
public interface Selection {

    /// Returns the selected names, for a format that lists all names before the first number.
    Set<String> among(Set<String> names);

    /// Returns whether a tensor may be selected, before the names of the others are known.
    boolean mayBe(String name);
}
