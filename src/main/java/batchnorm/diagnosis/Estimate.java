package batchnorm.diagnosis;

import batchnorm.diagnosis.ForwardHypothesis.Parameters;
import batchnorm.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Parameters of a forward pass, estimated from its output: from `y - β = γ (x - mean) / √(v)`
/// follows `v` at every element, as precisely as the output is rounded there.
final class Estimate {
    /// The largest epsilon in use is far smaller.
    private static final double LARGEST_EPSILON = 1;

    private final Normalized normalized;
    private final double[] variances;
    private final double[] uncertainties;

    /// @param most the number of elements to estimate from
    Estimate(
            Tensor input,
            Normalized normalized,
            Parameters parameters,
            Tensor output,
            Precision precision,
            int most) {
        this.normalized = normalized;
        normalized.source().statistics().complete();
        Grouping grouping = normalized.source().grouping();
        variances = new double[grouping.groups()];
        uncertainties = new double[grouping.groups()];
        Arrays.fill(uncertainties, Double.POSITIVE_INFINITY);
        double roundings = Fit.limit(normalized.source().running() ? 1 : grouping.count());
        int size = input.shape().elements();
        for (int k = 0; k < Math.min(size, most); k++) {
            int i = Target.sampled(k, size, most);
            int group = grouping.groupOf(i);
            int channel = parameters.grouping().groupOf(i);
            double mean = normalized.center(group);
            double x = input.at(i);
            double gamma = parameters.gamma(channel);
            double y = output.at(i);
            double scaled = y - parameters.beta(channel);
            if (scaled == 0) {
                continue;
            }
            double root = gamma * (x - mean) / scaled;
            double terms = Math.abs(y) + Math.abs(parameters.beta(channel));
            double error =
                    (precision.slack(y) + roundings * precision.unit() * terms) / Math.abs(scaled)
                            + roundings
                                    * precision.unit()
                                    * (Math.abs(x) + Math.abs(mean))
                                    / Math.abs(x - mean);
            double uncertainty = 2 * root * root * error;
            if (root > 0 && uncertainty < uncertainties[group]) {
                uncertainties[group] = uncertainty;
                variances[group] = root * root;
            }
        }
    }

    /// Returns the epsilon that the most precise group shows, with as few digits as possible.
    ///
    /// @return null if there is none that differs from 0
    @Nullable Double epsilon() {
        int best = 0;
        for (int g = 1; g < uncertainties.length; g++) {
            if (uncertainties[g] < uncertainties[best]) {
                best = g;
            }
        }
        double epsilon = variances[best] - normalized.variance(best);
        if (!(epsilon > uncertainties[best] && epsilon <= LARGEST_EPSILON)) {
            return null;
        }
        return Brief.of(epsilon, uncertainties[best]);
    }

    /// Returns statistics with the variances that the output shows, if the error of `E[x²] - E[x]²`
    /// explains them.
    ///
    /// @return null if it does not
    @Nullable Source cancelled(double epsilon, Precision precision) {
        Source source = normalized.source();
        Grouping grouping = source.grouping();
        double[] means = new double[grouping.groups()];
        double[] shown = new double[grouping.groups()];
        for (int g = 0; g < shown.length; g++) {
            means[g] = source.statistics().mean(g);
            double variance = source.statistics().variance(g);
            shown[g] = Double.isInfinite(uncertainties[g]) ? variance : variances[g] - epsilon;
            double bound =
                    Fit.limit(grouping.count())
                            * precision.unit()
                            * (means[g] * means[g] + variance);
            if (Math.abs(shown[g] - variance) > bound + uncertainties[g]) {
                return null;
            }
        }
        return Source.fixed(
                grouping, means, shown, false, Mistake.CANCELLATION, "the batch's statistics");
    }
}
