/// VALUES: shapes, datatypes, tensors, and the view of a tensor by channel. Depends on nothing of
/// ours.
@NullMarked
package batchnorm.tensor;

import org.jspecify.annotations.NullMarked;
