/// ONNX models: the fields of Protocol Buffers that batch normalization needs.
@NullMarked
package batchnorm.codec.onnx;

import org.jspecify.annotations.NullMarked;
