package batchnorm.layer;

import org.jspecify.annotations.Nullable;

/// Thrown when the database rejects a value of a change. Nothing was changed, and a retry fails in
/// the same way.
public final class UnstorableValue extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UnstorableValue(@Nullable Throwable cause) {
        super(
                "the store cannot keep a value of this request; text must be valid Unicode without"
                        + " control characters, and numbers must be in range; nothing was changed",
                cause);
    }
}
