/// CHECKPOINTS: the state of layers by the names that frameworks give it, out and in. Depends on
/// `layer`, `normalization`, `codec` and `tensor`.
@NullMarked
package batchnorm.checkpoint;

import org.jspecify.annotations.NullMarked;
