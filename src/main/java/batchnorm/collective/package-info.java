/// Sharded batches of many workers or many requests. Their state is in memory; only results change
/// layers.
@NullMarked
package batchnorm.collective;

import org.jspecify.annotations.NullMarked;
