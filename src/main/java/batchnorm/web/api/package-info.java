/// The requests and responses of the API as records: the single source of every field's name, type,
/// default and limits.
@NullMarked
package batchnorm.web.api;

import org.jspecify.annotations.NullMarked;
