package batchnorm.layer;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Thrown when more work waits than the service accepts; nothing was changed. Has no stack trace,
/// because it is thrown often under load.
public final class Overloaded extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Duration wait;

    public Overloaded(String message) {
        this(message, Duration.ZERO, null);
    }

    /// @param cause that makes the work wait: a failure of the store
    public Overloaded(String message, Throwable cause) {
        this(message, Duration.ZERO, cause);
    }

    /// @param wait the suggested time before a retry
    public Overloaded(String message, Duration wait) {
        this(message, wait, null);
    }

    private Overloaded(String message, Duration wait, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.wait = wait;
    }

    public Duration untilRetry() {
        return wait;
    }
}
