/// Admission: memory and processors for requests, and the least pace of a body.
@NullMarked
package batchnorm.admission;

import org.jspecify.annotations.NullMarked;
