/// Derives the OpenAPI contract from the declarations of the controllers.
@NullMarked
package batchnorm.web.openapi;

import org.jspecify.annotations.NullMarked;
