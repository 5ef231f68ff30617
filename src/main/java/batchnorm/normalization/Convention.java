package batchnorm.normalization;

import static batchnorm.normalization.Knob.MomentumMeaning.NEW_WEIGHT;
import static batchnorm.normalization.Knob.MomentumMeaning.OLD_WEIGHT;
import static batchnorm.normalization.Knob.ReductionScope.PER_ACTIVATION;
import static batchnorm.normalization.Knob.ReductionScope.SPATIAL;
import static batchnorm.normalization.Knob.RunningVariance.BIASED;
import static batchnorm.normalization.Knob.RunningVariance.UNBIASED;
import static batchnorm.normalization.Knob.SingleValuePolicy.REJECT;
import static batchnorm.normalization.Knob.SingleValuePolicy.ZERO_VARIANCE;

import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.normalization.Knob.SingleValuePolicy;
import java.util.Arrays;
import java.util.stream.Collectors;

/// The defaults of a framework: a named preset of every knob.
public enum Convention {
    PYTORCH(1e-5, added(0.1), UNBIASED, 1, spatial(1), REJECT),
    KERAS(1e-3, kept(0.99), BIASED, 1, spatial(-1), ZERO_VARIANCE),
    ONNX(1e-5, kept(0.9), BIASED, 1, spatial(1), ZERO_VARIANCE),
    FLAX(1e-5, kept(0.99), BIASED, 1, spatial(-1), ZERO_VARIANCE),
    MXNET(1e-3, kept(0.9), BIASED, 1, spatial(1), ZERO_VARIANCE),
    PADDLE(1e-5, kept(0.9), BIASED, 1, spatial(1), ZERO_VARIANCE),
    DL4J(1e-5, kept(0.9), BIASED, 1, spatial(1), ZERO_VARIANCE),
    /// The book prints its epsilon as `10e-7`, that is, 1e-6.
    DEEP_LEARNING_FROM_SCRATCH(10e-7, kept(0.9), BIASED, 0, perActivation(1), ZERO_VARIANCE),
    TENSORFLOW_1(1e-5, kept(0.999), BIASED, 0, spatial(-1), ZERO_VARIANCE),
    PURE_PYTHON(1e-5, added(0.1), BIASED, 1, spatial(1), REJECT),
    /// `tf.keras` 2 calls the fused operator for 4-D input. The operator returns the unbiased
    /// variance to average. For cuDNN, `tf.compat.v1.nn.fused_batch_norm` raised epsilon to at
    /// least 1.001e-5; TensorFlow 2.21 no longer does.
    KERAS_2_FUSED(1e-3, kept(0.99), UNBIASED, 1, spatial(-1), ZERO_VARIANCE),
    /// Since ml-explore/mlx#3817 of July 2026, MLX averages the unbiased variance and rejects one
    /// value per channel, as PyTorch does.
    MLX(1e-5, added(0.1), UNBIASED, 1, spatial(-1), REJECT),
    MLX_BEFORE_2026_07(1e-5, added(0.1), BIASED, 1, spatial(-1), ZERO_VARIANCE),
    /// Haiku has no default decay rate; 0.9 is that of `hk.nets.ResNet`. Its
    /// `ExponentialMovingAverage` starts at 0 and is debiased.
    HAIKU(1e-5, debiased(0.9), BIASED, 0, spatial(-1), ZERO_VARIANCE),
    CS231N(1e-5, kept(0.9), BIASED, 0, spatial(1), ZERO_VARIANCE),
    /// The blobs of Caffe's layer are sums, `s = f·s + x`, and their scale factor, `n = f·n + 1`.
    /// Their quotients are the running statistics: a debiased average.
    CAFFE(1e-5, debiased(0.999), UNBIASED, 0, spatial(1), ZERO_VARIANCE),
    /// The factor of call `t` is `1/t`, as ROOT's TMVA passes `exponentialAverageFactor` for a
    /// cumulative average. The first call replaces the initial values, which the caller chooses;
    /// from 0 it does so without a rounding. cuDNN's variance of one value is not a number.
    CUDNN(1e-5, new Momentum(null, NEW_WEIGHT, false), UNBIASED, 0, spatial(1), REJECT);

    private final double epsilon;
    private final Momentum momentum;
    private final RunningVariance runningVariance;
    private final double initialVariance;
    private final Channels channels;
    private final SingleValuePolicy singleValue;

    Convention(
            double epsilon,
            Momentum momentum,
            RunningVariance runningVariance,
            double initialVariance,
            Channels channels,
            SingleValuePolicy singleValue) {
        this.epsilon = epsilon;
        this.momentum = momentum;
        this.runningVariance = runningVariance;
        this.initialVariance = initialVariance;
        this.channels = channels;
        this.singleValue = singleValue;
    }

    private static Momentum added(double weight) {
        return new Momentum(weight, NEW_WEIGHT, false);
    }

    private static Momentum kept(double weight) {
        return new Momentum(weight, OLD_WEIGHT, false);
    }

    private static Momentum debiased(double weight) {
        return new Momentum(weight, OLD_WEIGHT, true);
    }

    private static Channels spatial(int axis) {
        return new Channels(SPATIAL, axis);
    }

    private static Channels perActivation(int axis) {
        return new Channels(PER_ACTIVATION, axis);
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
        return this == PYTORCH || this == CUDNN;
    }

    /// Returns the value to which the software raises a smaller epsilon; 0 if it raises none.
    private double epsilonFloor() {
        return this == KERAS_2_FUSED ? 1.001e-5 : 0;
    }

    /// Returns every knob of this convention.
    public Config config() {
        return new Config(
                this,
                epsilon,
                epsilonFloor(),
                momentum,
                runningVariance,
                channels,
                true,
                true,
                this != PURE_PYTHON,
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
            case KERAS_2_FUSED -> "tf.keras 2, BatchNormalization with fused=True";
            case MLX -> "mlx.nn.BatchNorm since July 2026";
            case MLX_BEFORE_2026_07 -> "mlx.nn.BatchNorm before July 2026";
            case HAIKU -> "Haiku, hk.BatchNorm with decay_rate=0.9";
            case CS231N -> "the assignments of Stanford's CS231n";
            case CAFFE -> "Caffe, BatchNorm followed by Scale";
            case CUDNN -> "cudnnBatchNormalizationForwardTraining, factor 1/t";
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
