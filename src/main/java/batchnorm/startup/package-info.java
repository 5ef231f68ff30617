/// Runs of the program without a service: training of the AOT cache, and the container's health
/// check.
@NullMarked
package batchnorm.startup;

import org.jspecify.annotations.NullMarked;
