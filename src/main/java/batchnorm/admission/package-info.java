/// Admission control: memory and processors for requests, and the minimum rate of bodies.
@NullMarked
package batchnorm.admission;

import org.jspecify.annotations.NullMarked;
