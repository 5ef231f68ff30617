package batchnorm.benchmark;

/// A library that normalizes one batch with running statistics.
interface Peer {
    /// From the batch's numbers to those of the output, in an array of its own.
    float[] infer() throws Exception;

    /// Gives back what the garbage collector does not.
    default void end() throws Exception {}
}
