/// THE OPERATOR: conventions, statistics and gradients as pure functions of tensors. Depends on
/// `kernel` and `tensor`.
@NullMarked
package batchnorm.normalization;

import org.jspecify.annotations.NullMarked;
