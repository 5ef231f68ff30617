package batchnorm.benchmark;

/// A library that normalizes one batch with running statistics.
interface Peer {
    /// Normalizes a batch into a separate array.
    float[] infer() throws Exception;

    /// Releases resources that are not garbage-collected.
    default void end() throws Exception {}
}
