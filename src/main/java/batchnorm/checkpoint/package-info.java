/// Imports and exports the state of layers under the tensor names of frameworks. Depends on
/// `layer`, `normalization`, `codec` and `tensor`.
@NullMarked
package batchnorm.checkpoint;

import org.jspecify.annotations.NullMarked;
