package batchnorm.normalization;

/// A batch with too many elements for an operation that examines each of them.
public final class BatchTooLarge extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// @param work the bounded operation, for the message: `an explanation`
    BatchTooLarge(String work, int elements, int limit) {
        super(
                "input has "
                        + elements
                        + " elements, but "
                        + work
                        + " takes at most "
                        + limit
                        + "; send fewer rows or channels, such as the first few of the batch");
    }

    /// @throws BatchTooLarge beyond the limit
    static void check(String work, int elements, int limit) {
        if (elements > limit) {
            throw new BatchTooLarge(work, elements, limit);
        }
    }
}
