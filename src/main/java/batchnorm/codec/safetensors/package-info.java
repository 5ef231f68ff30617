/// Safetensors files: messages and checkpoints.
@NullMarked
package batchnorm.codec.safetensors;

import org.jspecify.annotations.NullMarked;
