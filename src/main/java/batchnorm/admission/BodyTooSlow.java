package batchnorm.admission;

import java.util.concurrent.TimeUnit;

/// A body arrived more slowly than its size permits.
public final class BodyTooSlow extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// @param announced bytes of the whole body; negative if unknown
    BodyTooSlow(long bytes, long announced, RequestLimits limits) {
        super(
                "only "
                        + bytes
                        + " bytes of the body have arrived; it may take "
                        + limits.bodyGrace().toSeconds()
                        + " s and beyond that "
                        + limits.bodyRate(announced)
                        + " bytes a second, at most "
                        + TimeUnit.NANOSECONDS.toSeconds(limits.bodyNanos(Long.MAX_VALUE, -1))
                        + " s in total");
    }
}
