package batchnorm.codec.binary;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.tensor.DataType;

/// How much of a checkpoint may be kept: together as much as one tensor of binary64.
public final class Budget {
    private final long limit;
    private long left;

    public Budget(Codec.Limits limits) {
        this.limit = (long) limits.elements() * DataType.FP64.bytes();
        this.left = limit;
    }

    /// @throws BodyTooLarge when there is not so much left
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
