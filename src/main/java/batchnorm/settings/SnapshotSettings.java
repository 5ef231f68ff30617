package batchnorm.settings;

import jakarta.validation.constraints.Positive;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/// How many versions of layers may be put aside.
///
/// @param maxPerLayer snapshots of one layer
@Validated
@ConfigurationProperties("batchnorm.snapshots")
public record SnapshotSettings(@Positive int maxPerLayer) {}
