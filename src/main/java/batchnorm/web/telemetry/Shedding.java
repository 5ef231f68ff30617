package batchnorm.web.telemetry;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs when the service begins to reject requests by overload, and when it has ended, with its
/// duration and the number of rejected requests.
final class Shedding {
    private static final Logger LOG = LoggerFactory.getLogger(Shedding.class);

    private final Duration quiet;
    private final LongAdder rejected = new LongAdder();
    private final AtomicBoolean isShedding = new AtomicBoolean();
    private volatile long last;

    /// @param quiet the time without a rejection after which shedding has ended
    Shedding(Duration quiet) {
        this.quiet = quiet;
    }

    /// @param reason such as the full queue
    void rejected(String reason) {
        rejected.increment();
        last = System.nanoTime();
        if (!isShedding.get() && isShedding.compareAndSet(false, true)) {
            LOG.atWarn()
                    .addKeyValue("event", "shedding-begins")
                    .log("overload: requests are rejected with 503: {}", reason);
            long begun = last;
            Thread.ofVirtual().name("shedding").start(() -> logEnd(begun));
        }
    }

    private void logEnd(long begun) {
        try {
            for (long left = quiet.toNanos(); left > 0; ) {
                Thread.sleep(Duration.ofNanos(left));
                left = quiet.toNanos() - (System.nanoTime() - last);
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
        double seconds = (double) (last - begun) / 1e9;
        isShedding.set(false);
        LOG.atInfo()
                .addKeyValue("event", "shedding-ends")
                .log(
                        "the overload has ended: {} requests were rejected within {} s",
                        rejected.sumThenReset(),
                        String.format(Locale.ROOT, "%.1f", seconds));
    }
}
