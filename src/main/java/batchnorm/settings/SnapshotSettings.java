package batchnorm.settings;

import jakarta.validation.constraints.Positive;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/// The limit of snapshots.
///
/// @param maxPerLayer snapshots of one layer
@Validated
@ConfigurationProperties("batchnorm.snapshots")
public record SnapshotSettings(@Positive int maxPerLayer) {}
