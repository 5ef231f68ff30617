package batchnorm.kernel;

import batchnorm.kernel.Box.Block;

/// The loops of [Kernel] that differ where positions of a batch count differently: a masked
/// position with weight 0, a sample with its weight. A position `(o, i)` of the box `[outer,
/// channels, inner]` is one value of every channel; its weight stands at `o·inner + i`.
///
/// These loops are apart from the unweighted ones, which they would slow down. They run on the
/// caller's thread, in binary64 whatever the type of the data, and sum in [Kernel]'s order, so that
/// they too give the same bits everywhere. A value of weight 0 is not even looked at: padding may
/// be NaN.
public final class WeightedKernel {
    /// Per channel `mean = Σw·x/Σw` and `m2 = Σw·(x-mean)²`; both 0 when no weight is positive. In
    /// a block, `d = x - shift` with the block's first value that counts as `shift`; blocks are
    /// merged as [Kernel#moments(double[], int, int, int, double[], double[])] does, with sums of
    /// weights in place of counts.
    public void moments(
            float[] x,
            double[] weights,
            int outer,
            int channels,
            int inner,
            double[] mean,
            double[] m2) {
        moments(i -> x[i], weights, new Box(outer, channels, inner), mean, m2);
    }

    public void moments(
            double[] x,
            double[] weights,
            int outer,
            int channels,
            int inner,
            double[] mean,
            double[] m2) {
        moments(i -> x[i], weights, new Box(outer, channels, inner), mean, m2);
    }

    /// `dx = scale·(dy - w·(offset + (x-center)·slope))`: how much of a value's gradient goes
    /// through the statistics is in proportion to its weight.
    ///
    /// @return whether every `dx` is finite
    public boolean inputGradient(
            float[] dy,
            float[] x,
            double[] weights,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] scale,
            double[] offset,
            double[] slope,
            float[] dx) {
        return inputGradient(
                i -> dy[i],
                i -> x[i],
                weights,
                new Box(outer, channels, inner),
                new Line(center, scale, offset, slope),
                Target.into(dx));
    }

    public boolean inputGradient(
            double[] dy,
            double[] x,
            double[] weights,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] scale,
            double[] offset,
            double[] slope,
            double[] dx) {
        return inputGradient(
                i -> dy[i],
                i -> x[i],
                weights,
                new Box(outer, channels, inner),
                new Line(center, scale, offset, slope),
                Target.into(dx));
    }

    private static void moments(Source x, double[] weights, Box box, double[] mean, double[] m2) {
        WeightedMoments moments = new WeightedMoments(box.channels());
        for (int index = 0; index < box.blocks(); index++) {
            Block block = box.block(index);
            double weight = sum(weights, box, block);
            if (weight > 0) {
                moments.begin(weight);
                for (int channel = 0; channel < box.channels(); channel++) {
                    sumUp(x, weights, box, block, channel, moments);
                }
            }
        }
        moments.finish(mean, m2);
    }

    private static double sum(double[] weights, Box box, Block block) {
        Accumulators sums = new Accumulators();
        for (int plane = 0; plane < block.planes(); plane++) {
            int position = position(box, block, plane);
            for (int i = 0; i < block.length(); i++) {
                sums.first[i % Box.ACCUMULATORS] += weights[position + i];
            }
        }
        return Accumulators.total(sums.first);
    }

    /// Adds up one channel of a block in which something counts.
    private static void sumUp(
            Source x,
            double[] weights,
            Box box,
            Block block,
            int channel,
            WeightedMoments moments) {
        Accumulators sums = new Accumulators();
        boolean counts = false;
        double shift = 0;
        for (int plane = 0; plane < block.planes(); plane++) {
            int position = position(box, block, plane);
            int start = block.start() + channel * box.inner() + plane * box.stride();
            for (int i = 0; i < block.length(); i++) {
                double w = weights[position + i];
                if (w == 0) {
                    continue;
                }
                double value = x.at(start + i);
                if (!counts) {
                    counts = true;
                    shift = value;
                }
                int part = i % Box.ACCUMULATORS;
                double d = value - shift;
                sums.first[part] = Math.fma(w, d, sums.first[part]);
                sums.second[part] = Math.fma(w * d, d, sums.second[part]);
            }
        }
        moments.put(
                channel, shift, Accumulators.total(sums.first), Accumulators.total(sums.second));
    }

    /// Where the weights of one plane of a block begin.
    private static int position(Box box, Block block, int plane) {
        int first = block.start() / box.stride();
        return (first + plane) * box.inner() + block.start() % box.stride();
    }

    /// `scale·(dy - offset - (x-center)·slope)` per channel.
    private record Line(double[] center, double[] scale, double[] offset, double[] slope) {}

    private static boolean inputGradient(
            Source dy, Source x, double[] weights, Box box, Line line, Target dx) {
        boolean finite = true;
        for (int plane = 0; plane < box.outer(); plane++) {
            for (int channel = 0; channel < box.channels(); channel++) {
                int start = (plane * box.channels() + channel) * box.inner();
                double scale = line.scale[channel];
                for (int i = 0; i < box.inner(); i++) {
                    double w = weights[plane * box.inner() + i];
                    double d = dy.at(start + i);
                    double through =
                            w == 0
                                    ? d
                                    : Math.fma(
                                            -w,
                                            Math.fma(
                                                    x.at(start + i) - line.center[channel],
                                                    line.slope[channel],
                                                    line.offset[channel]),
                                            d);
                    finite &= dx.put(start + i, scale * through);
                }
            }
        }
        return finite;
    }
}
