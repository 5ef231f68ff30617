package batchnorm.management;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

/// Logs the begin and the end of an orderly stop.
public final class ShutdownLogger implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(ShutdownLogger.class);

    private final Duration drain;
    private volatile boolean isRunning;
    private volatile long begun;

    /// @param drain for which requests are served before the listener closes
    public ShutdownLogger(Duration drain) {
        this.drain = drain;
    }

    /// Also called by the context of a separate port, which closes later.
    @EventListener
    void logBegin(ContextClosedEvent event) {
        if (!isRunning || begun != 0) {
            return;
        }
        begun = System.nanoTime();
        LOG.atInfo()
                .addKeyValue("event", "stopping")
                .log(
                        "stopping: not ready any more; requests are served for another {} s, and"
                                + " accepted ones finish",
                        seconds(drain.toNanos()));
    }

    @Override
    public void start() {
        isRunning = true;
    }

    @Override
    public void stop() {
        isRunning = false;
        LOG.atInfo()
                .addKeyValue("event", "stopped")
                .log("stopped after {} s", seconds(System.nanoTime() - begun));
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    /// The last to stop, after the web server.
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f", (double) nanos / 1e9);
    }
}
