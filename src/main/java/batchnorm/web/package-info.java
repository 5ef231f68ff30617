/// HTTP: controllers, media types, problems, limits and the OpenAPI contract. Depends on `layer`,
/// `normalization`, `codec` and `tensor`.
@NullMarked
package batchnorm.web;

import org.jspecify.annotations.NullMarked;
