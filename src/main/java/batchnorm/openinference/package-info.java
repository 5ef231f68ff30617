/// The Open Inference Protocol (`/v2`): a layer is a model with one input and one output. Depends
/// on `access`, `layer`, `normalization`, `codec` and `tensor`. `web` maps the exceptions of this
/// package to responses.
@NullMarked
package batchnorm.openinference;

import org.jspecify.annotations.NullMarked;
