package batchnorm.kernel;

/// `y = (x-center)·scale + shift` per channel, the subtraction first.
public record AffineMap(double[] center, double[] scale, double[] shift) {}
