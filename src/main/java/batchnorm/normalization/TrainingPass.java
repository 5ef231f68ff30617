package batchnorm.normalization;

import java.util.List;

/// A pass in train mode, with the statistics to learn from its batch.
///
/// @param batch the statistics of the whole batch
/// @param virtual the statistics that normalized it and that running statistics learn, in order: of
///   each virtual batch, or of the whole batch
public record TrainingPass(
        ForwardPass forward, BatchStatistics batch, List<BatchStatistics> virtual) {}
