package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.StepRecord;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.optimizer.Memory;
import org.jspecify.annotations.Nullable;

/// The bytes of a row that count towards quotas: its vectors and a constant. The migration that
/// added the column counts older rows in the same way.
final class RowBytes {
    /// Bytes of a row beside its vectors.
    static final long OTHERS = 512;

    private RowBytes() {}

    static long ofVector(double @Nullable [] vector) {
        return vector == null ? 0 : (long) vector.length * Double.BYTES;
    }

    static long of(@Nullable Layer layer) {
        if (layer == null) {
            return 0;
        }
        Parameters parameters = layer.parameters();
        long bytes = OTHERS;
        if (parameters != null) {
            bytes += ofVector(parameters.gamma()) + ofVector(parameters.beta());
        }
        return bytes + of(layer.running());
    }

    static long of(@Nullable RunningStatistics running) {
        return running == null ? 0 : ofVector(running.mean()) + ofVector(running.variance());
    }

    static long of(@Nullable Memory gamma, @Nullable Memory beta) {
        return OTHERS + ofMemory(gamma) + ofMemory(beta);
    }

    private static long ofMemory(@Nullable Memory memory) {
        return memory == null ? 0 : ofVector(memory.first()) + ofVector(memory.second());
    }

    /// @param whole whether the step is recorded with its parameters and running statistics
    static long of(StepRecord step, boolean whole) {
        long bytes =
                OTHERS
                        + ofVector(step.batch().mean())
                        + ofVector(step.batch().variance())
                        + of(step.prior());
        return whole
                ? bytes
                        + ofVector(step.parameters().gamma())
                        + ofVector(step.parameters().beta())
                        + of(step.running())
                : bytes;
    }
}
