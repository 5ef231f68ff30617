/// Scopes of routes, and security headers for browsers.
@NullMarked
package batchnorm.web.security;

import org.jspecify.annotations.NullMarked;
