package batchnorm.diagnosis;

/// The predictions of consecutive elements.
final class Points {
    /// The most elements that are predicted together. Their numbers stay in the first-level cache.
    static final int MOST = 512;

    /// The numbers that the hypothesis gives.
    final double[] values = new double[MOST];

    /// The sizes of the terms whose rounding can disturb the numbers.
    final double[] sizes = new double[MOST];
}
