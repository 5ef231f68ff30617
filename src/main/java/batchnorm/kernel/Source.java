package batchnorm.kernel;

/// An array read as binary64.
@FunctionalInterface
interface Source {
    double at(int index);
}
