package batchnorm.layer;

import org.jspecify.annotations.Nullable;

/// Thrown when the store does not respond; nothing was changed.
public final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoreUnavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
