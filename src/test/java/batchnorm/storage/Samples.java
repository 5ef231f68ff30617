package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerPatch;
import batchnorm.layer.LayerStore;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/// Sample layers and batches.
public final class Samples {
    static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123456Z");
    static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private Samples() {}

    static LayerName name(String value) {
        return new LayerName(value);
    }

    static Layer layer(LayerName name, int features) {
        return layer(name, Convention.PYTORCH.config(), features);
    }

    static Layer layer(LayerName name, Config config, int features) {
        LayerPatch revision = new LayerPatch(UnaryOperator.identity()).withFeatures(features);
        return Layer.create(name, config, revision, NOW);
    }

    static Layer create(LayerStore store, Layer layer) {
        return store.write(
                layer.name(),
                transaction -> {
                    transaction.put(layer);
                    return layer;
                });
    }

    /// Returns the statistics of a batch, determined by the seed.
    static BatchStatistics batch(long seed, int features) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] mean = random.doubles(features, -10, 10).toArray();
        double[] variance = random.doubles(features, 0, 100).toArray();
        return new BatchStatistics(2 + random.nextInt(1000), mean, variance);
    }
}
