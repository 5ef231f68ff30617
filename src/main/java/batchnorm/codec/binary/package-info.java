/// Elements of tensors as bytes, read through a buffer, and the raw codec.
@NullMarked
package batchnorm.codec.binary;

import org.jspecify.annotations.NullMarked;
