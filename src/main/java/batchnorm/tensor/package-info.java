/// VALUES: shapes, datatypes, tensors, and the view of a tensor by channel. Depends on no other
/// package.
@NullMarked
package batchnorm.tensor;

import org.jspecify.annotations.NullMarked;
