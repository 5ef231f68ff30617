package batchnorm.diagnosis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The statistics that a pass normalizes with, one mean and one variance per group.
///
/// @param running whether they are running statistics instead of the batch's
/// @param grouping the groups; of running statistics, the channels
/// @param mistake null if they are the right ones
record Source(
        Statistics statistics,
        Grouping grouping,
        boolean running,
        @Nullable Mistake mistake,
        String detail) {

    /// The numbers of the groups.
    interface Statistics {
        double mean(int group);

        /// Returns the biased variance.
        double variance(int group);

        /// Computes the numbers of all groups at once.
        default void complete() {
            // by default, all are known
        }
    }

    private record Fixed(double[] means, double[] variances) implements Statistics {
        @Override
        public double mean(int group) {
            return means[group];
        }

        @Override
        public double variance(int group) {
            return variances[group];
        }
    }

    static Source batch(GroupMoments moments, @Nullable Mistake mistake, String detail) {
        return new Source(moments, moments.grouping(), false, mistake, detail);
    }

    static Source fixed(
            Grouping grouping,
            double[] means,
            double[] variances,
            boolean running,
            @Nullable Mistake mistake,
            String detail) {
        return new Source(new Fixed(means, variances), grouping, running, mistake, detail);
    }

    @Nullable List<Integer> wrongAxes() {
        return mistake == Mistake.WRONG_AXES ? grouping.reduced() : null;
    }
}
