package batchnorm.layer;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// More work waits than the service takes; nothing was changed.
///
/// Without a stack trace: it is told in great numbers when there is the least time for it.
public final class Overloaded extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Duration wait;

    public Overloaded(String message) {
        this(message, Duration.ZERO, null);
    }

    public Overloaded(String message, Throwable cause) {
        this(message, Duration.ZERO, cause);
    }

    /// @param wait until it is likely to be otherwise
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
