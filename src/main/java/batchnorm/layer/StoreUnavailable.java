package batchnorm.layer;

import org.jspecify.annotations.Nullable;

/// The store does not answer now; nothing was changed.
public final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoreUnavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
