package batchnorm.diagnosis;

/// A predicted number.
final class Point {
    /// The number that the hypothesis gives.
    double value;

    /// The size of the terms whose rounding can disturb the number.
    double size;

    void set(double value, double size) {
        this.value = value;
        this.size = size;
    }
}
