package batchnorm.layer;

import batchnorm.normalization.Aggregation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An aggregation of several layers, or of states from elsewhere, into one layer.
///
/// @param layers the sources in the registry; empty for parts
/// @param weights one for each of `layers`
/// @param parts the states from elsewhere; empty for layers
/// @param idempotencyKey under which the change is made once, or null
/// @param fingerprint of the whole request; null without a key
public record AggregateRequest(
        Aggregation rules,
        List<LayerName> layers,
        double[] weights,
        List<Aggregation.Source> parts,
        Precondition precondition,
        @Nullable String idempotencyKey,
        @Nullable String fingerprint) {}
