package batchnorm.normalization;

import batchnorm.tensor.Shape;

/// The state of a forward pass that its backward pass needs.
public sealed interface ForwardPass permits BatchPass, VirtualPass {
    /// The mode of the forward pass.
    enum Mode {
        /// The statistics are functions of the input, unless they are frozen.
        TRAIN,
        /// The statistics are constants, except a blended-in share.
        INFER
    }

    /// Returns the shape of the input.
    Shape shape();

    int channels();

    /// Returns the memory of tensors, weights, and vectors.
    long bytes();
}
