/// Every property of the service that an operator sets, as validated records.
@NullMarked
package batchnorm.settings;

import org.jspecify.annotations.NullMarked;
