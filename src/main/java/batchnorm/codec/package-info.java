/// BYTES: messages, their signatures, and the common parts of all formats; a package per format.
/// Depends on `tensor`.
@NullMarked
package batchnorm.codec;

import org.jspecify.annotations.NullMarked;
