/// Metrics, spans and `Server-Timing`.
@NullMarked
package batchnorm.web.telemetry;

import org.jspecify.annotations.NullMarked;
