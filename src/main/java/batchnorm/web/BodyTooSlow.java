package batchnorm.web;

/// A body came more slowly than the limit, so that its connection is worth more than itself.
final class BodyTooSlow extends RuntimeException {
    private static final long serialVersionUID = 1;

    BodyTooSlow(long bytes, RequestLimits limits) {
        super(
                "only "
                        + bytes
                        + " bytes of the body have come; it may take "
                        + limits.bodyGrace().toSeconds()
                        + " s and "
                        + limits.minBodyRate()
                        + " bytes a second beyond");
    }
}
