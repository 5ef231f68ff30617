package batchnorm.management;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends the process some time after its store has stopped, so that a restart policy applies. Reads
/// are served until then.
public final class StoppedExit {
    /// The exit status: an internal error, `EX_SOFTWARE` of `sysexits.h`.
    static final int STATUS = 70;

    /// Bounds an orderly end, which a hanging disk can block.
    private static final Duration ORDERLY = Duration.ofSeconds(45);

    private static final Logger LOG = LoggerFactory.getLogger(StoppedExit.class);

    private final Duration delay;
    private final LongSupplier nanos;
    private final Runnable exit;
    private @Nullable Long stoppedAt;
    private boolean exits;

    /// @param delay after which the process ends; zero for never
    public StoppedExit(Duration delay) {
        this(delay, System::nanoTime, StoppedExit::exit);
    }

    StoppedExit(Duration delay, LongSupplier nanos, Runnable exit) {
        this.delay = delay;
        this.nanos = nanos;
        this.exit = exit;
    }

    /// Ends the process if the store has been stopped for the delay. Called by one thread.
    void check(boolean stopped) {
        if (!stopped || delay.isZero() || exits) {
            return;
        }
        long now = nanos.getAsLong();
        if (stoppedAt == null) {
            stoppedAt = now;
        }
        if (now - stoppedAt >= delay.toNanos()) {
            exits = true;
            LOG.atError()
                    .addKeyValue("event", "exit")
                    .log(
                            "the process exits with status {}, because its store stopped {} s ago;"
                                    + " BATCHNORM_EXIT_WHEN_STOPPED=0 disables this",
                            STATUS,
                            delay.toSeconds());
            exit.run();
        }
    }

    private static void exit() {
        Thread.ofPlatform().name("exit").daemon().start(() -> System.exit(STATUS));
        Thread.ofPlatform().name("halt").daemon().start(StoppedExit::haltLater);
    }

    private static void haltLater() {
        try {
            Thread.sleep(ORDERLY);
            Runtime.getRuntime().halt(STATUS);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }
}
