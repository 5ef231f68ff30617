/// Elements of tensors as bytes, a bufferful at a time, and the raw codec.
@NullMarked
package batchnorm.codec.binary;

import org.jspecify.annotations.NullMarked;
