/// Runs of the program other than the service: training of the ahead-of-time cache, and the
/// container's health check.
@NullMarked
package batchnorm.startup;

import org.jspecify.annotations.NullMarked;
