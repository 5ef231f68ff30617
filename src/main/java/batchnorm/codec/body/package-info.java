/// Streams that wrap the body of a request: size limit, content coding, charset.
@NullMarked
package batchnorm.codec.body;

import org.jspecify.annotations.NullMarked;
