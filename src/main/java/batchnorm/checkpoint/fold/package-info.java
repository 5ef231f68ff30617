/// Folding of batch normalization into the weights beside it, in whole model files.
@NullMarked
package batchnorm.checkpoint.fold;

import org.jspecify.annotations.NullMarked;
