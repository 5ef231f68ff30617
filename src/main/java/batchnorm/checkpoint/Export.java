package batchnorm.checkpoint;

import batchnorm.checkpoint.Framework.Absent;
import batchnorm.codec.FileFormat;
import batchnorm.codec.Message;
import batchnorm.layer.Layer;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.DataType;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Exports the state of layers as tensors with the names of a framework. A layer's vectors are
/// binary64. FP32 rounds each number once, to nearest; values imported from FP32 are unchanged.
public final class Export {
    private final Framework framework;
    private final String prefix;
    private final DataType dataType;
    private final Message state = new Message();
    private final boolean exactOnly;
    private boolean exact = true;

    /// @param prefix of every tensor's name
    /// @param dataType of the vectors: FP64 or FP32
    /// @param exactOnly whether to reject values that would be rounded
    public Export(Framework framework, String prefix, DataType dataType, boolean exactOnly) {
        this.framework = framework;
        this.prefix = prefix;
        this.dataType = dataType;
        this.exactOnly = exactOnly;
    }

    public Framework framework() {
        return framework;
    }

    /// Returns the exported tensors.
    public Message state() {
        return state;
    }

    /// Returns the exported tensors with the metadata that readers of the format require.
    public Message contents(FileFormat format) {
        return format == FileFormat.SAFETENSORS && framework == Framework.PYTORCH
                ? state.with("format", "pt") // required by the library "transformers"
                : state;
    }

    /// Returns whether no number was rounded so far.
    public boolean isExact() {
        return exact;
    }

    /// Adds a layer.
    ///
    /// @param path of its tensors' names; empty for the only layer
    /// @throws InvalidConfig when it has no features yet, or lacks statistics that the framework
    ///   requires
    /// @throws NonFiniteResult when a number exceeds the range of the datatype
    /// @throws InexactState when a number would be rounded and `exactOnly` is set
    public void add(String path, Layer layer) {
        Parameters parameters = layer.parameters();
        RunningStatistics running = layer.running();
        if (parameters == null || layer.features() == null) {
            throw new InvalidConfig(
                    "features",
                    "layer \"" + layer.name() + "\" has no features yet and therefore no state");
        }
        if (running == null && framework != Framework.PYTORCH) {
            throw new InvalidConfig(
                    "track_running_stats",
                    "layer \"%s\" keeps no running statistics, which %s always has"
                            .formatted(layer.name(), framework.word()));
        }
        int features = layer.features();
        boolean either = parameters.gamma() != null || parameters.beta() != null;
        put(path, TensorRole.GAMMA, orConstant(parameters.gamma(), 1, features, either), layer);
        put(path, TensorRole.BETA, orConstant(parameters.beta(), 0, features, either), layer);
        if (running != null) {
            put(path, TensorRole.RUNNING_MEAN, running.mean(), layer);
            put(path, TensorRole.RUNNING_VAR, running.variance(), layer);
            if (framework.countsBatches()) {
                state.with(name(path, TensorRole.BATCHES), (Long) running.batches());
            }
        }
    }

    /// Returns the vector, or the constants that its absence implies if the framework requires it.
    private double @Nullable [] orConstant(
            double @Nullable [] vector, double constant, int features, boolean either) {
        boolean needed =
                framework.absent() == Absent.WRITTEN
                        || (framework.absent() == Absent.BOTH_OR_NEITHER && either);
        if (vector != null || !needed) {
            return vector;
        }
        double[] constants = new double[features];
        Arrays.fill(constants, constant);
        return constants;
    }

    private void put(String path, TensorRole part, double @Nullable [] vector, Layer layer) {
        if (vector != null) {
            state.with(name(path, part), tensor(vector, part, layer));
        }
    }

    private String name(String path, TensorRole part) {
        return prefix + framework.name(path, part);
    }

    private Tensor tensor(double[] vector, TensorRole part, Layer layer) {
        Shape shape = Shape.of(vector.length);
        if (dataType == DataType.FP64) {
            return Tensor.of(shape, vector);
        }
        float[] narrow = new float[vector.length];
        for (int c = 0; c < narrow.length; c++) {
            narrow[c] = dataType.narrow(vector[c]);
            if (Float.isInfinite(narrow[c]) && Double.isFinite(vector[c])) {
                throw new NonFiniteResult(
                        "%s[%d] of layer \"%s\" is %s, beyond %s; ask for datatype=FP64"
                                .formatted(
                                        part.field(),
                                        c,
                                        layer.name(),
                                        DecimalText.of(vector[c]),
                                        dataType));
            }
            if (narrow[c] != vector[c] && !Double.isNaN(vector[c])) {
                exact = false;
                if (exactOnly) {
                    throw new InexactState(
                            "%s[%d] of layer \"%s\" is %s, which %s does not hold exactly; ask for datatype=FP64, or do without exact=true"
                                    .formatted(
                                            part.field(),
                                            c,
                                            layer.name(),
                                            DecimalText.of(vector[c]),
                                            dataType));
                }
            }
        }
        return Tensor.of(shape, dataType, narrow);
    }
}
