package batchnorm.web.telemetry;

import io.micrometer.tracing.Tracer;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/// Records the phases of a request as child spans if tracing is enabled. Span names are the same
/// for all layers.
@Component
public final class Traces {
    private static final Logger LOG = LoggerFactory.getLogger(Traces.class);
    private final @Nullable Tracer tracer;

    /// @param tracer absent unless tracing is enabled
    Traces(ObjectProvider<Tracer> tracer) {
        this.tracer = tracer.getIfAvailable();
    }

    /// Records the phases of a request whose encoding has just ended. The commit is part of the
    /// computing time and shown after it. Failures of the tracer are logged and not thrown, because
    /// the change may be durable.
    ///
    /// All durations are in nanoseconds; 0 without a commit.
    public void phases(String operation, long decode, long compute, long commit, long encode) {
        if (tracer == null) {
            return;
        }
        try {
            spans(tracer, operation, decode, compute, commit, encode);
        } catch (RuntimeException failure) {
            LOG.warn("the phases of a request were not traced", failure);
        }
    }

    private static void spans(
            Tracer tracer, String operation, long decode, long compute, long commit, long encode) {
        if (tracer.currentSpan() == null) {
            return;
        }
        long end = nanos(Instant.now());
        long encoding = end - encode;
        long committing = encoding - commit;
        long computing = committing - compute;
        span(tracer, operation, "decode", computing - decode, computing);
        span(tracer, operation, "compute", computing, committing);
        if (commit > 0) {
            span(tracer, operation, "commit", committing, encoding);
        }
        span(tracer, operation, "encode", encoding, end);
    }

    private static void span(Tracer tracer, String operation, String phase, long from, long to) {
        tracer.spanBuilder()
                .name(phase)
                .tag("operation", operation)
                .startTimestamp(from, TimeUnit.NANOSECONDS)
                .start()
                .end(to, TimeUnit.NANOSECONDS);
    }

    private static long nanos(Instant time) {
        return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    }
}
