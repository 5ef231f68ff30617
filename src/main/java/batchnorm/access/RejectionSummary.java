package batchnorm.access;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns of requests with invalid credentials, by one line for each minute that has any. The audit
/// log has the requests.
final class RejectionSummary {
    private static final Logger LOG = LoggerFactory.getLogger(RejectionSummary.class);

    private final Duration interval;
    private final AtomicLong rejected = new AtomicLong();

    RejectionSummary(Duration interval) {
        this.interval = interval;
    }

    void rejected() {
        if (rejected.getAndIncrement() == 0) {
            Thread.ofVirtual().name("rejections").start(this::logLater);
        }
    }

    private void logLater() {
        try {
            Thread.sleep(interval);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
        LOG.atWarn()
                .addKeyValue("event", "credentials-rejected")
                .log(
                        "{} requests with invalid credentials in {} s; the audit log names their addresses",
                        rejected.getAndSet(0),
                        interval.toSeconds());
    }
}
