/// Checkpoints of PyTorch, read without running their pickles.
@NullMarked
package batchnorm.codec.pytorch;

import org.jspecify.annotations.NullMarked;
