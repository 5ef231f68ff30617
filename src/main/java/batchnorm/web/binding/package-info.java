/// Binds records to bodies and queries in every media type: negotiation, conversion, conditional
/// and idempotent requests.
@NullMarked
package batchnorm.web.binding;

import org.jspecify.annotations.NullMarked;
