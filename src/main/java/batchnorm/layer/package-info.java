/// Named layers, the contexts of their passes, idempotent training steps, and the ports that a
/// store implements. Depends on `normalization`, `optimizer`, `digest` and `tensor`.
@NullMarked
package batchnorm.layer;

import org.jspecify.annotations.NullMarked;
