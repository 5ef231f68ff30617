/// Parsing and formatting of decimal text: the nearest float or double, the shortest digits, single
/// numbers and batches.
@NullMarked
package batchnorm.codec.decimal;

import org.jspecify.annotations.NullMarked;
