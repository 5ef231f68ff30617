package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.optimizer.Memory;
import org.jspecify.annotations.Nullable;

/// Bytes of a row as quotas count them: its vectors, and a constant for everything else. The
/// migration that introduced the column counts older rows the same way.
final class RowBytes {
    private static final long OTHERS = 512;

    private RowBytes() {}

    static long of(double @Nullable []... vectors) {
        long bytes = OTHERS;
        for (double[] vector : vectors) {
            bytes += vector == null ? 0 : (long) vector.length * Double.BYTES;
        }
        return bytes;
    }

    static long of(@Nullable Layer layer) {
        if (layer == null) {
            return 0;
        }
        Parameters parameters = layer.parameters();
        RunningStatistics running = layer.running();
        return of(
                parameters == null ? null : parameters.gamma(),
                parameters == null ? null : parameters.beta(),
                running == null ? null : running.mean(),
                running == null ? null : running.variance());
    }

    static long of(@Nullable Memory gamma, @Nullable Memory beta) {
        return of(
                gamma == null ? null : gamma.first(),
                gamma == null ? null : gamma.second(),
                beta == null ? null : beta.first(),
                beta == null ? null : beta.second());
    }
}
