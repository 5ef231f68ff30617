/// The requests and answers of the API as records: the one source of every field's name, type,
/// default and limits.
@NullMarked
package batchnorm.web.api;

import org.jspecify.annotations.NullMarked;
