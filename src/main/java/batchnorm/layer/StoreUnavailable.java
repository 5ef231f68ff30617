package batchnorm.layer;

import org.jspecify.annotations.Nullable;

/// Thrown when the store does not respond, or accepts no changes; nothing was changed.
public final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final StoreState.Kind kind;

    public StoreUnavailable(String message, @Nullable Throwable cause) {
        this(message, cause, StoreState.Kind.UNAVAILABLE);
    }

    /// @param kind the state of the store that the failure reveals
    public StoreUnavailable(String message, @Nullable Throwable cause, StoreState.Kind kind) {
        super(message, cause);
        this.kind = kind;
    }

    public StoreState.Kind kind() {
        return kind;
    }
}
