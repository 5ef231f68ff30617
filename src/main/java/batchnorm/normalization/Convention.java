package batchnorm.normalization;

import static batchnorm.normalization.Knob.MomentumMeaning.NEW_WEIGHT;
import static batchnorm.normalization.Knob.MomentumMeaning.OLD_WEIGHT;
import static batchnorm.normalization.Knob.ReductionScope.PER_ACTIVATION;
import static batchnorm.normalization.Knob.ReductionScope.SPATIAL;
import static batchnorm.normalization.Knob.RunningVariance.BIASED;
import static batchnorm.normalization.Knob.RunningVariance.UNBIASED;
import static batchnorm.normalization.Knob.SingleValuePolicy.REJECT;
import static batchnorm.normalization.Knob.SingleValuePolicy.ZERO_VARIANCE;

import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.Knob.ReductionScope;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.normalization.Knob.SingleValuePolicy;
import java.util.Arrays;
import java.util.stream.Collectors;

/// The defaults of a framework: a named preset of every knob.
public enum Convention {
    PYTORCH(1e-5, 0.1, NEW_WEIGHT, UNBIASED, 1, SPATIAL, 1, true, REJECT),
    KERAS(1e-3, 0.99, OLD_WEIGHT, BIASED, 1, SPATIAL, -1, true, ZERO_VARIANCE),
    ONNX(1e-5, 0.9, OLD_WEIGHT, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE),
    FLAX(1e-5, 0.99, OLD_WEIGHT, BIASED, 1, SPATIAL, -1, true, ZERO_VARIANCE),
    MXNET(1e-3, 0.9, OLD_WEIGHT, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE),
    PADDLE(1e-5, 0.9, OLD_WEIGHT, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE),
    DL4J(1e-5, 0.9, OLD_WEIGHT, BIASED, 1, SPATIAL, 1, true, ZERO_VARIANCE),
    /// The book prints its epsilon as `10e-7`, that is, 1e-6.
    DEEP_LEARNING_FROM_SCRATCH(
            10e-7, 0.9, OLD_WEIGHT, BIASED, 0, PER_ACTIVATION, 1, true, ZERO_VARIANCE),
    TENSORFLOW_1(1e-5, 0.999, OLD_WEIGHT, BIASED, 0, SPATIAL, -1, true, ZERO_VARIANCE),
    PURE_PYTHON(1e-5, 0.1, NEW_WEIGHT, BIASED, 1, SPATIAL, 1, false, REJECT);

    private final double epsilon;
    private final double momentum;
    private final MomentumMeaning momentumMeaning;
    private final RunningVariance runningVariance;
    private final double initialVariance;
    private final ReductionScope scope;
    private final int channelAxis;
    private final boolean trackRunningStats;
    private final SingleValuePolicy singleValue;

    Convention(
            double epsilon,
            double momentum,
            MomentumMeaning momentumMeaning,
            RunningVariance runningVariance,
            double initialVariance,
            ReductionScope scope,
            int channelAxis,
            boolean trackRunningStats,
            SingleValuePolicy singleValue) {
        this.epsilon = epsilon;
        this.momentum = momentum;
        this.momentumMeaning = momentumMeaning;
        this.runningVariance = runningVariance;
        this.initialVariance = initialVariance;
        this.scope = scope;
        this.channelAxis = channelAxis;
        this.trackRunningStats = trackRunningStats;
        this.singleValue = singleValue;
    }

    /// Returns the name in JSON: `deep-learning-from-scratch`.
    public String word() {
        return Knob.word(this).replace('_', '-');
    }

    /// Returns the initial running variance; running means start at 0 in every convention.
    public double initialVariance() {
        return initialVariance;
    }

    /// Returns whether momentum can denote the cumulative average, as PyTorch's `None`.
    public boolean hasCumulativeAverage() {
        return this == PYTORCH;
    }

    /// Returns every knob of this convention.
    public Config config() {
        return new Config(
                this,
                epsilon,
                new Momentum(momentum, momentumMeaning),
                runningVariance,
                new Channels(scope, channelAxis),
                true,
                true,
                trackRunningStats,
                new Policies(singleValue, NonFinitePolicy.REJECT),
                Variant.PLAIN);
    }

    /// Names the software that this convention reproduces.
    public String origin() {
        return switch (this) {
            case PYTORCH -> "torch.nn.BatchNorm1d/2d/3d";
            case KERAS -> "Keras 3";
            case ONNX -> "ONNX BatchNormalization-15";
            case FLAX -> "Flax";
            case MXNET -> "Apache MXNet";
            case PADDLE -> "PaddlePaddle (CPU)";
            case DL4J -> "Deeplearning4j";
            case DEEP_LEARNING_FROM_SCRATCH ->
                    "the NumPy class of the book: 4-D input is flattened to (N, C·H·W)";
            case TENSORFLOW_1 -> "tf.nn.moments + tf.nn.batch_normalization, step by step";
            case PURE_PYTHON ->
                    "the plain-lists class: the batch's own statistics always, no running ones";
        };
    }

    /// @throws InvalidConfig when the convention is unknown
    public static Convention parse(String word) {
        return Arrays.stream(values())
                .filter(convention -> convention.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidConfig("convention", "convention must be one of " + words()));
    }

    private static String words() {
        return Arrays.stream(values()).map(Convention::word).collect(Collectors.joining(", "));
    }
}
