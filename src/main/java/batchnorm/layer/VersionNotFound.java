package batchnorm.layer;

/// Thrown for a version of a layer that does not exist or is no longer stored; only the last one
/// is.
public final class VersionNotFound extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// @param requested the requested version
    public VersionNotFound(Layer current, String requested) {
        super(
                "layer \""
                        + current.name()
                        + "\" is at version "
                        + current.version()
                        + ", and no other is kept; ask for that one instead of "
                        + (requested.matches("\\d{1,18}") ? requested : "what is no version")
                        + ", or for none");
    }
}
