/// GOLDEN VECTORS: batches and their results in 100-digit arithmetic, to check implementations
/// against. Depends on `normalization`, `tensor` and `digest`.
@NullMarked
package batchnorm.golden;

import org.jspecify.annotations.NullMarked;
