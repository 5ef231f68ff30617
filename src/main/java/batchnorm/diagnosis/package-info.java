/// DIAGNOSIS: which convention, or which mistake, explains the numbers of an implementation.
@NullMarked
package batchnorm.diagnosis;

import org.jspecify.annotations.NullMarked;
