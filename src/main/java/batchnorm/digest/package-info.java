/// SHA-256 digests. Depends on no other package of the service.
@NullMarked
package batchnorm.digest;

import org.jspecify.annotations.NullMarked;
