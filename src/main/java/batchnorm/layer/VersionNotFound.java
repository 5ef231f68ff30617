package batchnorm.layer;

/// A layer has no such version, or no more: only the last one is kept.
public final class VersionNotFound extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// @param asked the version that was asked for
    public VersionNotFound(Layer current, String asked) {
        super(
                "layer \""
                        + current.name()
                        + "\" is at version "
                        + current.version()
                        + ", and no other is kept; ask for that one instead of "
                        + (asked.matches("\\d{1,18}") ? asked : "what is no version")
                        + ", or for none");
    }
}
