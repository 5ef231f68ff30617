/// Health, readiness, backups, and what the log says of a start.
@NullMarked
package batchnorm.management;

import org.jspecify.annotations.NullMarked;
