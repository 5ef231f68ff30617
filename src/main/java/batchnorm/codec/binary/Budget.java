package batchnorm.codec.binary;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.tensor.DataType;

/// Bounds the memory of one checkpoint: in total, the bytes of one FP64 tensor.
public final class Budget {
    private final long limit;
    private long left;

    public Budget(Codec.Limits limits) {
        this.limit = (long) limits.elements() * DataType.FP64.bytes();
        this.left = limit;
    }

    /// @throws BodyTooLarge when the budget is exceeded
    public void take(long bytes) {
        left -= bytes;
        if (left < 0) {
            throw new BodyTooLarge(
                    "the checkpoint's arrays take more than "
                            + limit
                            + " bytes together; split it, or raise BATCHNORM_MAX_ELEMENTS");
        }
    }
}
