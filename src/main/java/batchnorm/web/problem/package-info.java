/// Problems (RFC 9457): their types and the mapping of exceptions.
@NullMarked
package batchnorm.web.problem;

import org.jspecify.annotations.NullMarked;
