/// BYTES: messages, their signatures, and what every format shares; a package for each format.
/// Depends on `tensor`.
@NullMarked
package batchnorm.codec;

import org.jspecify.annotations.NullMarked;
