/// Access control: scopes, API keys, tokens, and the interceptor before every handler. Depends on
/// `digest`.
@NullMarked
package batchnorm.access;

import org.jspecify.annotations.NullMarked;
