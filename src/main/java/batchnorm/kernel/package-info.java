/// ARITHMETIC on `float[]` and `double[]`: a scalar reference and a SIMD implementation. Depends on
/// `tensor`.
@NullMarked
package batchnorm.kernel;

import org.jspecify.annotations.NullMarked;
