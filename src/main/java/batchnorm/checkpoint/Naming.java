package batchnorm.checkpoint;

import org.jspecify.annotations.Nullable;

/// What the caller knows of the names of a file's tensors.
///
/// @param framework of the names; null to detect it
/// @param prefix of the names to examine, not part of a layer's path
/// @param without the parameter that layers of three numbered vectors do not have; null if it is
///   not known, so that these are skipped
public record Naming(@Nullable Framework framework, String prefix, @Nullable Parameter without) {
    public static final Naming DETECTED = new Naming(null, "", null);

    /// The parameters that a layer may not have.
    public enum Parameter {
        GAMMA,
        BETA
    }

    CheckpointIndex index(Framework detected) {
        return new CheckpointIndex(detected, prefix, without);
    }
}
