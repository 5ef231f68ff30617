/// The web server: Jetty, its limits and deadlines, and the port of the actuator.
@NullMarked
package batchnorm.web.server;

import org.jspecify.annotations.NullMarked;
