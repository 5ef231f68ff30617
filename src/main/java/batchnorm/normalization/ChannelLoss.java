package batchnorm.normalization;

import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.GradientCheck.Difference;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Tensor;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/// The loss `Σ y·dy` of one channel, as a function of one of its inputs or parameters. All sums are
/// compensated, since their differences are divided by a tiny step.
///
/// Values are stored as distances from the channel's mean. That changes no derivative and keeps the
/// digits that a large mean would lose.
final class ChannelLoss {
    private static final double FLOOR = 1e-3;

    private final boolean training;
    private final int channel;
    private final ChannelLayout layout;
    private final double[] x; // distances from the pass's mean
    private final double[] dy;
    private final double deviation; // √(var+ε)
    private final double epsilon;
    private final double gamma;
    private final double beta;

    private ChannelLoss(BatchPass pass, Tensor gradOutput, int channel) {
        this.training = pass.mode() == Mode.TRAIN;
        this.channel = channel;
        this.layout = pass.layout();
        this.x = new double[layout.count()];
        this.dy = new double[layout.count()];
        for (int i = 0; i < x.length; i++) {
            int at = place(i);
            x[i] = pass.input().at(at) - pass.mean()[channel];
            dy[i] = gradOutput.at(at);
        }
        this.epsilon = pass.epsilon();
        this.deviation = 1 / pass.inverseDeviation()[channel];
        this.gamma = pass.parameters().gammaAt(channel);
        this.beta = pass.parameters().betaAt(channel);
    }

    static ChannelLoss of(BatchPass pass, Tensor gradOutput, int channel) {
        return new ChannelLoss(pass, gradOutput, channel);
    }

    int count() {
        return x.length;
    }

    /// A gradient and the difference that checks it.
    record Comparison(double analytic, double numeric, double floor) {
        Difference at(int... index) {
            double size = Math.max(floor, Math.max(Math.abs(analytic), Math.abs(numeric)));
            double error = Math.abs(analytic - numeric);
            return new Difference(
                    Arrays.stream(index).boxed().toList(),
                    analytic,
                    numeric,
                    error == 0 ? 0 : error / size);
        }
    }

    /// @param flat the element's index in the tensor
    Comparison byInput(int flat, double analytic) {
        int at = indexOf(flat);
        double step = GradientCheck.STEP * deviation;
        double middle = x[at];
        double above = middle + step;
        double below = middle - step;
        x[at] = above;
        Line high = line();
        x[at] = below;
        Line low = line();
        x[at] = middle;
        double difference =
                sum(i ->
                        i == at
                                ? dy[i] * (high.at(above) - low.at(below))
                                : dy[i] * (high.at(x[i]) - low.at(x[i])));
        double largest = Arrays.stream(dy).map(Math::abs).max().orElse(0);
        return new Comparison(
                analytic,
                difference / (above - below),
                FLOOR * Math.abs(gamma) / deviation * largest);
    }

    Comparison byGamma(double analytic) {
        double step = GradientCheck.STEP * Math.max(1, Math.abs(gamma));
        double above = gamma + step;
        double below = gamma - step;
        Line line = line();
        double difference =
                sum(i -> {
                    double normalized = line.normalized(x[i]);
                    return dy[i] * (above * normalized + beta - (below * normalized + beta));
                });
        double terms = sum(i -> Math.abs(dy[i] * line.normalized(x[i])));
        return new Comparison(analytic, difference / (above - below), FLOOR * terms);
    }

    Comparison byBeta(double analytic) {
        double step = GradientCheck.STEP * Math.max(1, Math.abs(beta));
        double above = beta + step;
        double below = beta - step;
        Line line = line();
        double difference =
                sum(i -> {
                    double scaled = gamma * line.normalized(x[i]);
                    return dy[i] * (scaled + above - (scaled + below));
                });
        double terms = sum(i -> Math.abs(dy[i]));
        return new Comparison(analytic, difference / (above - below), FLOOR * terms);
    }

    /// Returns the current forward of the channel as a straight line.
    private Line line() {
        if (!training) {
            return new Line(0, deviation);
        }
        double mean = sum(i -> x[i]) / x.length;
        double variance = sum(i -> (x[i] - mean) * (x[i] - mean)) / x.length;
        return new Line(mean, Math.sqrt(variance + epsilon));
    }

    private final class Line {
        private final double mean;
        private final double spread;

        Line(double mean, double spread) {
            this.mean = mean;
            this.spread = spread;
        }

        double normalized(double value) {
            return (value - mean) / spread;
        }

        double at(double value) {
            return gamma * normalized(value) + beta;
        }
    }

    /// Returns Kahan's sum over the channel's values.
    private double sum(IntToDoubleFunction term) {
        double sum = 0;
        double lost = 0;
        for (int i = 0; i < x.length; i++) {
            double next = term.applyAsDouble(i) - lost;
            double longer = sum + next;
            lost = longer - sum - next;
            sum = longer;
        }
        return sum;
    }

    /// Returns the index in the tensor of the channel's element `i`.
    private int place(int i) {
        int outer = i / layout.inner();
        return (outer * layout.channels() + channel) * layout.inner() + i % layout.inner();
    }

    private int indexOf(int flat) {
        int outer = flat / (layout.channels() * layout.inner());
        return outer * layout.inner() + flat % layout.inner();
    }
}
