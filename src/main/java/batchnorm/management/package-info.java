/// Health, readiness, backups, and the log of startup.
@NullMarked
package batchnorm.management;

import org.jspecify.annotations.NullMarked;
