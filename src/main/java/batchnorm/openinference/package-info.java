/// The Open Inference Protocol (`/v2`): a layer is a model with one input and one output. Depends
/// on `access`, `layer`, `normalization`, `codec` and `tensor`; what is thrown here becomes an
/// answer in `web`.
@NullMarked
package batchnorm.openinference;

import org.jspecify.annotations.NullMarked;
