package batchnorm.normalization;

import batchnorm.tensor.Shape;
import java.util.List;

/// A pass over virtual batches ("ghost batches", Hoffer et al. 2017): parts of a batch along axis 0
/// that are normalized separately.
///
/// @param shape of the whole input
/// @param parts one or more, in order
record VirtualPass(Shape shape, List<BatchPass> parts) implements ForwardPass {
    @Override
    public int channels() {
        return parts.getFirst().channels();
    }

    @Override
    public long bytes() {
        return parts.stream().mapToLong(BatchPass::bytes).sum();
    }
}
