/// The wiring.
@NullMarked
package batchnorm;

import org.jspecify.annotations.NullMarked;
