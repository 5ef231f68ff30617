package batchnorm.settings;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.convert.DataSizeUnit;
import org.springframework.util.unit.DataUnit;
import org.springframework.validation.annotation.Validated;

/// The limits of contexts, which store a forward pass for its backward.
///
/// @param maxBytes of all contexts together; 0 stands for a quarter of the heap
/// @param timeToLive of a context that no backward has used
@Validated
@ConfigurationProperties("batchnorm.contexts")
public record ContextSettings(
        @PositiveOrZero @DataSizeUnit(DataUnit.BYTES) long maxBytes,
        @NotNull @DurationMin(millis = 1) Duration timeToLive) {

    /// Returns the budget with its default resolved.
    public long budget() {
        return maxBytes > 0 ? maxBytes : Runtime.getRuntime().maxMemory() / 4;
    }
}
