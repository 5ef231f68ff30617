/// SHA-256, which every JVM has. Depends on nothing of ours.
@NullMarked
package batchnorm.digest;

import org.jspecify.annotations.NullMarked;
