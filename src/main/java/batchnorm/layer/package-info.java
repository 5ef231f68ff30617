/// STATE: named layers, the contexts of their passes, steps counted once, and the ports that a
/// store implements. Depends on `normalization`, `optimizer`, `digest` and `tensor`.
@NullMarked
package batchnorm.layer;

import org.jspecify.annotations.NullMarked;
