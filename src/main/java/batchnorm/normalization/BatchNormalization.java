package batchnorm.normalization;

import batchnorm.kernel.ChannelArray;
import batchnorm.kernel.ChannelMoments;
import batchnorm.kernel.Kernel;
import batchnorm.kernel.WeightedKernel;
import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.tensor.Slices;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The operator of Ioffe and Szegedy (2015), as pure functions without state.
///
/// Per channel, over its `m` values: `mean = Σx/m`, `var = Σ(x-mean)²/m`, `s = 1/√(var+ε)`, `xhat =
/// (x-mean)·s`, `y = γ·xhat + β`. Statistics and parameters are binary64, whatever the tensor's
/// datatype.
public final class BatchNormalization {
    private final Kernel kernel;
    private final WeightedKernel weighted = new WeightedKernel();
    private final Derivative derivative;

    public BatchNormalization(Kernel kernel) {
        this.kernel = kernel;
        this.derivative = new Derivative(kernel, weighted);
    }

    /// Computes the statistics that normalize a training batch. An empty batch has the statistics
    /// 0.
    ///
    /// @throws SingleValue for one value per channel, if the layer rejects it
    /// @throws NonFiniteValue for a NaN or an infinity in the input, if the layer rejects them
    /// @throws NonFiniteResult when a statistic of finite values overflows binary64
    public BatchStatistics statistics(Tensor input, Config config) {
        return statistics(TrainingBatch.of(input, null, config), config);
    }

    /// Computes weighted statistics: `mean = Σw·x/m`, `var = Σw·(x-mean)²/m`, `m = Σw`. A batch
    /// whose weights are all 0 counts as empty.
    public BatchStatistics statistics(TrainingBatch batch, Config config) {
        Tensor input = batch.input();
        Weights weights = batch.weights();
        if (weights == null) {
            SingleValue.reject(batch.layout().count(), config, "shape " + input.shape() + " holds");
            Moments whole = moments(batch.array(), input, config);
            return new BatchStatistics(whole.count(), whole.mean(), whole.variance());
        }
        SingleValue.reject(weights, config);
        ChannelMoments moments = weighted.moments(batch.array(), weights.values());
        double[] mean = moments.mean();
        double[] variance = moments.m2();
        for (int c = 0; c < variance.length; c++) {
            variance[c] = weights.total() == 0 ? 0 : variance[c] / weights.total();
            boolean finite = Double.isFinite(mean[c]) && Double.isFinite(variance[c]);
            if (!finite && !config.propagatesNonFinite()) {
                throw Finiteness.ofMoments(input, c, weights.counting());
            }
        }
        return new BatchStatistics(weights.total(), mean, variance);
    }

    /// Returns the statistics of a batch whose moments were merged from shards.
    ///
    /// @throws SingleValue for one value per channel, if the layer rejects it
    public BatchStatistics statistics(Moments batch, Config config) {
        SingleValue.reject(batch.count(), config, "the whole batch has");
        return new BatchStatistics(batch.count(), batch.mean(), batch.variance());
    }

    /// Computes the moments of a whole batch, or of one shard of it.
    ///
    /// @throws NonFiniteValue for a NaN or an infinity in the input, if the layer rejects them
    /// @throws NonFiniteResult when a moment of finite values overflows binary64
    public Moments moments(Tensor input, Config config) {
        return moments(ChannelArray.of(input, config.layout(input.shape())), input, config);
    }

    private Moments moments(ChannelArray array, Tensor input, Config config) {
        int count = array.layout().count();
        ChannelMoments own = kernel.moments(array);
        Moments moments = new Moments(count, own.mean(), own.rest(), own.m2());
        int channel = moments.firstNonFinite();
        if (channel >= 0 && !config.propagatesNonFinite()) {
            throw Finiteness.ofMoments(input, channel, count);
        }
        return moments;
    }

    /// Returns a pass in train mode, normalized with given statistics that are functions of the
    /// batch.
    ///
    /// @throws NonFiniteResult when `var+ε` is 0
    public BatchPass train(
            Tensor input, BatchStatistics batch, Parameters parameters, Config config) {
        return pass(input, Normalizer.of(batch, config.epsilon()), parameters, config);
    }

    /// Returns a pass in train mode for any variant of the layer. It is normalized with the batch's
    /// own statistics, with those of each virtual batch, or with the running ones if they are
    /// frozen.
    ///
    /// @param running the statistics before the step; null when the layer does not track them
    /// @throws NonFiniteResult when `var+ε` is 0
    public TrainingPass train(
            TrainingBatch batch,
            Parameters parameters,
            @Nullable RunningStatistics running,
            Config config) {
        Tensor input = batch.input();
        BatchStatistics whole = batch.known() == null ? statistics(batch, config) : batch.known();
        if (running != null && config.variant().freezeStatistics()) {
            BatchPass pass =
                    new BatchPass(
                            input,
                            batch.layout(),
                            constant(running, config),
                            null,
                            parameters,
                            config);
            return new TrainingPass(pass, whole, List.of(whole));
        }
        List<TrainingBatch> parts = batch.parts(config);
        if (parts.size() < 2) {
            BatchPass pass = trainPart(batch, whole, parameters, running, config);
            return new TrainingPass(pass, whole, List.of(whole));
        }
        List<BatchPass> passes = new ArrayList<>();
        List<BatchStatistics> virtual = new ArrayList<>();
        for (TrainingBatch part : parts) {
            BatchStatistics own = statistics(part, config);
            passes.add(trainPart(part, own, parameters, running, config));
            virtual.add(own);
        }
        return new TrainingPass(new VirtualPass(input.shape(), passes), whole, virtual);
    }

    private static BatchPass trainPart(
            TrainingBatch batch,
            BatchStatistics own,
            Parameters parameters,
            @Nullable RunningStatistics running,
            Config config) {
        Renorm renorm = config.variant().renorm();
        Normalizer normalizer;
        if (batch.isEmpty()) {
            normalizer = Normalizer.none(own.mean().length);
        } else {
            normalizer = Normalizer.of(own, config.epsilon());
            if (renorm != null && running != null) {
                normalizer = normalizer.towards(running, renorm, config.epsilon());
            }
        }
        return new BatchPass(
                batch.input(), batch.layout(), normalizer, batch.weights(), parameters, config);
    }

    /// Returns a pass in infer mode, normalized with given, constant statistics.
    ///
    /// @throws NonFiniteResult when a `running_var+ε` is not positive
    public BatchPass infer(
            Tensor input, RunningStatistics running, Parameters parameters, Config config) {
        return pass(input, constant(running, config), parameters, config);
    }

    private static Normalizer constant(RunningStatistics running, Config config) {
        return Normalizer.constant(running.mean(), running.variance(), config.epsilon());
    }

    private static BatchPass pass(
            Tensor input, Normalizer normalizer, Parameters parameters, Config config) {
        return new BatchPass(
                input, config.layout(input.shape()), normalizer, null, parameters, config);
    }

    /// Returns a pass in infer mode that adapts to its batch: normalized with `mu =
    /// (1-a)·running_mean + a·mean` and `v = (1-a)·running_var + a·var`. An empty batch does not
    /// adapt.
    ///
    /// @param share `a`, from 0 to 1
    /// @throws NonFiniteResult when a `v+ε` is not positive
    public BatchPass adapt(
            Tensor input,
            RunningStatistics running,
            double share,
            Parameters parameters,
            Config config) {
        if (share == 0 || input.shape().elements() == 0) {
            return infer(input, running, parameters, config);
        }
        Normalizer blend =
                Normalizer.blend(running, statistics(input, config), share, config.epsilon());
        return pass(input, blend, parameters, config);
    }

    /// Computes `y = γ·((x-mu)·s·r + d) + β`, in the input's shape and datatype. Without [Renorm],
    /// r is 1 and d is 0.
    ///
    /// @throws NonFiniteResult when finite numbers overflow the datatype, unless the layer
    ///   propagates them
    public Tensor output(ForwardPass pass) {
        return switch (pass) {
            case BatchPass whole -> output(whole);
            case VirtualPass virtual ->
                    Slices.join(
                            virtual.shape(), virtual.parts().stream().map(this::output).toList());
        };
    }

    private Tensor output(BatchPass pass) {
        ComputedTensor output =
                ComputedTensor.like(
                        pass.input(),
                        pass.layout(),
                        y -> kernel.normalize(pass.array(), pass.output(), y));
        if (pass.nonFinite() == NonFinitePolicy.REJECT) {
            Finiteness.requireFinite("output", output, pass.input());
        }
        return output.tensor();
    }

    /// Computes the derivative of [#output]. With `S = Σdy` and `P = Σdy·(x-mu)`: `dβ = S`, `dγ =
    /// s·r·P + d·S`, and `dx = γ·s·r·(dy - a·w·(S/m + (x-mean)·s²·P/m))`. Here `a` is the batch's
    /// share in the statistics (1 in train mode, 0 for constants) and `w` a position's weight in
    /// it.
    ///
    /// Frozen parameters have no gradients.
    ///
    /// @throws ShapeMismatch when the gradient is not of the input's shape and datatype
    /// @throws NonFiniteResult when finite numbers overflow the datatype, unless the layer
    ///   propagates them
    public Gradients backward(ForwardPass pass, Tensor gradOutput) {
        return switch (pass) {
            case BatchPass whole -> derivative.of(whole, gradOutput);
            case VirtualPass virtual -> derivative.of(virtual, gradOutput);
        };
    }

    /// Computes the contribution of one shard to the gradient sums of its batch.
    ///
    /// @param pass in train mode, over the shard, with the statistics of the whole batch
    /// @throws ShapeMismatch when the gradient is not of the input's shape and datatype
    public GradientSums gradientSums(ForwardPass pass, Tensor gradOutput) {
        return derivative.sums((BatchPass) pass, gradOutput);
    }

    /// Computes the derivative of [#output] for one shard of a batch; the gradients of gamma and
    /// beta are the whole batch's.
    ///
    /// @param total the sums of all shards
    /// @throws ShapeMismatch when the gradient is not of the input's shape and datatype
    /// @throws NonFiniteResult when finite numbers overflow the datatype, unless the layer
    ///   propagates them
    public Gradients backward(ForwardPass pass, Tensor gradOutput, GradientSums total) {
        return derivative.ofShard((BatchPass) pass, gradOutput, total);
    }

    /// Computes the derivative for gamma alone, `s·P`, for callers that store tensors elsewhere.
    public double[] gammaGradient(BatchStatistics batch, Config config, GradientSums total) {
        Normalizer normalizer = Normalizer.of(batch, config.epsilon());
        double[] gradient = total.product().clone();
        for (int c = 0; c < gradient.length; c++) {
            gradient[c] *= normalizer.inverse()[c];
        }
        return gradient;
    }
}
