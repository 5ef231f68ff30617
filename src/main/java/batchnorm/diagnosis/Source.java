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

        void complete();
    }

    static Source batch(GroupMoments moments, @Nullable Mistake mistake, String detail) {
        return new Source(
                new Statistics() {
                    @Override
                    public double mean(int group) {
                        return moments.mean(group);
                    }

                    @Override
                    public double variance(int group) {
                        return moments.variance(group);
                    }

                    @Override
                    public void complete() {
                        moments.complete();
                    }
                },
                moments.grouping(),
                false,
                mistake,
                detail);
    }

    static Source fixed(
            Grouping grouping,
            double[] means,
            double[] variances,
            boolean running,
            @Nullable Mistake mistake,
            String detail) {
        return new Source(
                new Statistics() {
                    @Override
                    public double mean(int group) {
                        return means[group];
                    }

                    @Override
                    public double variance(int group) {
                        return variances[group];
                    }

                    @Override
                    public void complete() {
                        // all numbers are known
                    }
                },
                grouping,
                running,
                mistake,
                detail);
    }

    @Nullable List<Integer> wrongAxes() {
        return mistake == Mistake.WRONG_AXES ? grouping.reduced() : null;
    }
}
