package batchnorm.web.server;

import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/// Serves requests for a while after a stop was requested. Readiness is off from the beginning, so
/// load balancers stop sending requests before the listener closes. Responses close their
/// connections, so clients of open connections connect to another replica.
public final class DrainLifecycle implements SmartLifecycle {
    private final Duration duration;
    private volatile boolean isRunning;
    private volatile boolean isDraining;

    /// @param duration zero for none
    public DrainLifecycle(Duration duration) {
        this.duration = duration;
    }

    /// Returns whether responses should close their connections.
    boolean isDraining() {
        return isDraining;
    }

    @Override
    public void start() {
        isRunning = true;
    }

    @Override
    public void stop() {
        isDraining = true;
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        isRunning = false;
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    /// The default phase is the first to stop, before that of the web server.
    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
