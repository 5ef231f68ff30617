package batchnorm.normalization;

import java.util.List;

/// A pass in train mode, and what there is to learn from its batch.
///
/// @param batch the statistics of the whole batch
/// @param virtual those that it was normalized with and that running statistics learn, in order: of
///   each virtual batch, or just the whole one's
public record TrainingPass(
        ForwardPass forward, BatchStatistics batch, List<BatchStatistics> virtual) {}
