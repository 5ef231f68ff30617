package batchnorm.settings;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/// The end of the process.
///
/// @param drain for which requests are served after a stop was requested; less than the time-out of
///   a phase of the shutdown
@Validated
@ConfigurationProperties("batchnorm.shutdown")
public record ShutdownSettings(@NotNull @DurationMin @DurationMax(seconds = 25) Duration drain) {}
