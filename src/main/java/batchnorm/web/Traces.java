package batchnorm.web;

import io.micrometer.tracing.Tracer;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/// Tells the phases of a request as spans within that of the request, where traces are collected.
/// Their names are the same for all layers.
@Component
final class Traces {
    private final @Nullable Tracer tracer;

    /// @param tracer there is none unless traces are wanted
    Traces(ObjectProvider<Tracer> tracer) {
        this.tracer = tracer.getIfAvailable();
    }

    /// The last phase, encoding, has ended now. Waiting for the store is part of computing in time;
    /// it is shown after it.
    void phases(Operation operation, ServerTiming timing) {
        if (tracer == null || tracer.currentSpan() == null) {
            return;
        }
        long end = nanos(Instant.now());
        long encode = end - timing.encode();
        long commit = encode - timing.commit();
        long compute = commit - timing.compute();
        span(tracer, operation, "decode", compute - timing.decode(), compute);
        span(tracer, operation, "compute", compute, commit);
        if (timing.commit() > 0) {
            span(tracer, operation, "commit", commit, encode);
        }
        span(tracer, operation, "encode", encode, end);
    }

    private static void span(Tracer tracer, Operation operation, String phase, long from, long to) {
        tracer.spanBuilder()
                .name(phase)
                .tag("operation", operation.slug())
                .startTimestamp(from, TimeUnit.NANOSECONDS)
                .start()
                .end(to, TimeUnit.NANOSECONDS);
    }

    private static long nanos(Instant time) {
        return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    }
}
