package batchnorm.kernel;

/// Mean and M2 of each channel, from the sums `Σd` and `Σd²` of its blocks, where `d = x - shift`.
///
/// The mean of a block is stored as an offset from its shift. Means are thus compared at the scale
/// of the values' spread, whatever their magnitude.
record BlockMoments(Blocks blocks, BlockSums sums) {

    /// Merges the blocks of each channel, in ascending order.
    ChannelMoments merge() {
        int channels = blocks.layout().channels();
        double[] mean = new double[channels];
        double[] rest = new double[channels];
        double[] m2 = new double[channels];
        ChannelMoments moments = new ChannelMoments(mean, rest, m2);
        if (blocks.count() == 0) {
            return moments;
        }
        double[] shifts = sums.center;
        double[] first = sums.first;
        double[] second = sums.second;
        double count = blocks.block(0).count();
        for (int channel = 0; channel < channels; channel++) {
            double step = first[channel] / count;
            mean[channel] = step;
            m2[channel] = m2(first[channel], step, second[channel]);
        }
        for (int index = 1; index < blocks.count(); index++) {
            double added = blocks.block(index).count();
            double weight = count * added / (count + added);
            count += added;
            merge(index * channels, added, added / count, weight, mean, m2);
        }
        for (int channel = 0; channel < channels; channel++) {
            double step = mean[channel];
            double shift = shifts[channel];
            double sum = shift + step;
            double moved = sum - shift;
            mean[channel] = sum;
            rest[channel] = shift - (sum - moved) + (step - moved);
        }
        return moments;
    }

    /// Applies Chan's merge to the block whose channels begin at `at`; means are offsets from the
    /// shift of the first block.
    private void merge(
            int at, double count, double share, double weight, double[] mean, double[] m2) {
        double[] shifts = sums.center;
        double[] first = sums.first;
        double[] second = sums.second;
        for (int channel = 0; channel < mean.length; channel++) {
            double own = first[at + channel] / count;
            double step = shifts[at + channel] - shifts[channel] + own;
            double difference = step - mean[channel];
            mean[channel] = Math.fma(difference, share, mean[channel]);
            m2[channel] +=
                    Math.fma(
                            difference * difference,
                            weight,
                            m2(first[at + channel], own, second[at + channel]));
        }
    }

    /// Returns M2. Math.max keeps a NaN; rounding alone can make the difference negative.
    private static double m2(double sum, double step, double square) {
        return Math.max(0, Math.fma(-sum, step, square));
    }
}
