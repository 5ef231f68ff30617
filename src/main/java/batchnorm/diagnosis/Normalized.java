package batchnorm.diagnosis;

/// A way to compute `xhat`: which statistics, and how the input is divided.
record Normalized(Source source, Spread spread, Divisor divisor, double epsilon) {

    double center(int group) {
        return source.running()
                ? source.statistics().mean(group)
                : spread.center(source.statistics().mean(group), source.grouping().count());
    }

    double variance(int group) {
        double variance = source.statistics().variance(group);
        return source.running()
                ? variance
                : spread.variance(
                        source.statistics().mean(group), variance, source.grouping().count());
    }

    double divisor(int group) {
        return divisor.of(variance(group), epsilon);
    }

    String formula() {
        return source.running()
                ? divisor.formula("x - running_mean", "running_var")
                : divisor.formula("x - " + spread.center(), spread.variance());
    }
}
