package batchnorm.web.telemetry;

import batchnorm.layer.Layer;
import batchnorm.layer.TrainResult;
import java.util.Arrays;
import java.util.LinkedHashMap;
import org.springframework.stereotype.Component;

/// The drifts of the last batches of this process, for the most recently trained layers.
@Component
public final class DriftHistory {
    static final int BATCHES = 16;
    static final int LAYERS = 1024;

    private final LinkedHashMap<String, double[]> latest =
            new LinkedHashMap<>(16, 0.75f, true); // LRU first

    synchronized void observe(TrainResult trained, double drift) {
        double[] before = latest.getOrDefault(incarnation(trained.tag()), new double[0]);
        int retained = Math.min(before.length, BATCHES - 1);
        double[] after = new double[retained + 1];
        System.arraycopy(before, before.length - retained, after, 0, retained);
        after[retained] = drift;
        latest.put(incarnation(trained.tag()), after);
        if (latest.size() > LAYERS) {
            latest.pollFirstEntry();
        }
    }

    /// Returns at most [#BATCHES] drifts, the latest last. Empty if this process has not trained
    /// the layer, or has evicted it. Drifts of batches before a reset are left out.
    public synchronized double[] of(Layer layer) {
        double[] drifts = latest.getOrDefault(layer.incarnation(), new double[0]);
        // A reset, also on another replica, sets the count to 0.
        int counted =
                layer.countsBatches()
                        ? (int) Math.min(layer.batches(), drifts.length)
                        : drifts.length;
        return Arrays.copyOfRange(drifts, drifts.length - counted, drifts.length);
    }

    /// Distinguishes a re-created layer from its predecessor of the same name.
    private static String incarnation(String tag) {
        return tag.substring(0, tag.indexOf('-'));
    }
}
