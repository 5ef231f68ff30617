/// Scopes of routes, and the headers that browsers rely on.
@NullMarked
package batchnorm.web.security;

import org.jspecify.annotations.NullMarked;
