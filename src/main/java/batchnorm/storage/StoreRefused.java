package batchnorm.storage;

import org.jspecify.annotations.Nullable;

/// Thrown when a store is not safe to use. The message contains the remedy.
public final class StoreRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoreRefused(String message) {
        this(message, null);
    }

    StoreRefused(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
