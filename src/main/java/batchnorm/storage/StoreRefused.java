package batchnorm.storage;

import org.jspecify.annotations.Nullable;

/// Thrown when a store is not safe to use, or cannot be opened.
public final class StoreRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String remedy;

    /// @param message the cause, in a sentence without a period
    /// @param remedy an action of the operator, in a sentence
    StoreRefused(String message, String remedy) {
        this(message, remedy, null);
    }

    StoreRefused(String message, String remedy, @Nullable Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
    }

    public String remedy() {
        return remedy;
    }
}
