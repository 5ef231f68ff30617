package batchnorm.web.telemetry;

import batchnorm.layer.Layer;
import batchnorm.layer.TrainResult;
import java.util.LinkedHashMap;
import org.springframework.stereotype.Component;

/// The drifts of the last batches that this process has trained on, of the layers it trained last.
@Component
public final class DriftHistory {
    static final int BATCHES = 16;
    static final int LAYERS = 1024;

    private final LinkedHashMap<String, double[]> latest =
            new LinkedHashMap<>(16, 0.75f, true); // LRU first

    synchronized void observe(TrainResult trained, double drift) {
        double[] before = latest.getOrDefault(incarnation(trained.tag()), new double[0]);
        int kept = Math.min(before.length, BATCHES - 1);
        double[] after = new double[kept + 1];
        System.arraycopy(before, before.length - kept, after, 0, kept);
        after[kept] = drift;
        latest.put(incarnation(trained.tag()), after);
        if (latest.size() > LAYERS) {
            latest.pollFirstEntry();
        }
    }

    /// At most [#BATCHES], the latest last; empty when this process has trained it on none, or has
    /// trained many others since.
    public synchronized double[] of(Layer layer) {
        return latest.getOrDefault(layer.incarnation(), new double[0]);
    }

    /// A layer made anew under an old name is another layer.
    private static String incarnation(String tag) {
        return tag.substring(0, tag.indexOf('-'));
    }
}
