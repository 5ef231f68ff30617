/// JSON objects as messages: streaming readers and writers, the JSON codec.
@NullMarked
package batchnorm.codec.json;

import org.jspecify.annotations.NullMarked;
