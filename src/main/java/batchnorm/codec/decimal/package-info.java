/// Numbers as decimal text: the nearest float or double, the shortest digits, many numbers at a
/// time.
@NullMarked
package batchnorm.codec.decimal;

import org.jspecify.annotations.NullMarked;
