/// The entry point and the wiring of the service.
@NullMarked
package batchnorm;

import org.jspecify.annotations.NullMarked;
