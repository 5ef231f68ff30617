/// Who may do what: scopes, API keys, tokens, and the gate that every handler stands behind.
/// Depends on `digest`.
@NullMarked
package batchnorm.access;

import org.jspecify.annotations.NullMarked;
