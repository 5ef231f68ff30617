package batchnorm.normalization;

import batchnorm.tensor.Shape;

/// What a backward pass needs of its forward.
public sealed interface ForwardPass permits BatchPass, VirtualPass {
    /// Which forward is meant.
    enum Mode {
        /// The statistics are functions of the input, unless they are frozen.
        TRAIN,
        /// The statistics are constants, but for what is blended in.
        INFER
    }

    /// Of the input.
    Shape shape();

    int channels();

    /// What it takes in memory: tensors, weights, and vectors.
    long bytes();
}
