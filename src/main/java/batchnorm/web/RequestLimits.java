package batchnorm.web;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/// How much one request may ask.
///
/// @param maxBodyBytes of a request's body
/// @param maxElements of one tensor
/// @param maxDepth how deep JSON may nest
@Validated
@ConfigurationProperties("batchnorm.limits")
public record RequestLimits(
        @Min(1024) long maxBodyBytes,
        @Min(1) @Max(1 << 28) int maxElements,
        @Min(4) @Max(1000) int maxDepth) {}
