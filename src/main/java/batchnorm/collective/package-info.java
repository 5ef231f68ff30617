/// Batches that come in parts: what many workers, or many requests, make together. In memory; what
/// comes of it is a layer's.
@NullMarked
package batchnorm.collective;

import org.jspecify.annotations.NullMarked;
