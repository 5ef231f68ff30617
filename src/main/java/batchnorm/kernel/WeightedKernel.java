package batchnorm.kernel;

import batchnorm.kernel.Blocks.Block;
import batchnorm.tensor.ChannelLayout;

/// The loops of [Kernel] that differ where positions of a batch count differently: a masked
/// position with weight 0, a sample with its weight. A position `(o, i)` of the layout `[outer,
/// channels, inner]` is one value of every channel; its weight stands at `o·inner + i`.
///
/// These loops are apart from the unweighted ones, which they would slow down. They run on the
/// caller's thread, in binary64 whatever the type of the data, and sum in [Kernel]'s order, so that
/// they too give the same bits everywhere. A value of weight 0 is not even looked at: padding may
/// be NaN.
public final class WeightedKernel {
    /// Per channel `mean = Σw·x/Σw` and `m2 = Σw·(x-mean)²`; both 0 when no weight is positive. In
    /// a block, `d = x - shift` with the block's first value that counts as `shift`; blocks are
    /// merged as [Kernel#moments] does, with sums of weights in place of counts.
    public ChannelMoments moments(ChannelArray x, double[] weights) {
        Blocks blocks = new Blocks(x.layout());
        WeightedMoments moments = new WeightedMoments(x.layout().channels());
        for (int index = 0; index < blocks.count(); index++) {
            Block block = blocks.block(index);
            double weight = sum(weights, x.layout(), block);
            if (weight > 0) {
                moments.begin(weight);
                for (int channel = 0; channel < x.layout().channels(); channel++) {
                    sumUp(x, weights, block, channel, moments);
                }
            }
        }
        return moments.finish();
    }

    private static double sum(double[] weights, ChannelLayout layout, Block block) {
        Accumulators sums = new Accumulators();
        for (int plane = 0; plane < block.planes(); plane++) {
            int position = position(layout, block, plane);
            for (int i = 0; i < block.length(); i++) {
                sums.first[i % Blocks.ACCUMULATORS] += weights[position + i];
            }
        }
        return Accumulators.total(sums.first);
    }

    /// Adds up one channel of a block in which something counts.
    private static void sumUp(
            ChannelArray x, double[] weights, Block block, int channel, WeightedMoments moments) {
        ChannelLayout layout = x.layout();
        Accumulators sums = new Accumulators();
        boolean counts = false;
        double shift = 0;
        for (int plane = 0; plane < block.planes(); plane++) {
            int position = position(layout, block, plane);
            int start = block.start() + channel * layout.inner() + plane * layout.stride();
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
                int part = i % Blocks.ACCUMULATORS;
                double d = value - shift;
                sums.first[part] = Math.fma(w, d, sums.first[part]);
                sums.second[part] = Math.fma(w * d, d, sums.second[part]);
            }
        }
        moments.put(
                channel, shift, Accumulators.total(sums.first), Accumulators.total(sums.second));
    }

    /// Where the weights of one plane of a block begin.
    private static int position(ChannelLayout layout, Block block, int plane) {
        int first = block.start() / layout.stride();
        return (first + plane) * layout.inner() + block.start() % layout.stride();
    }

    /// Writes `dx = scale·(dy - w·(offset + (x-center)·slope))`: how much of a value's gradient
    /// goes through the statistics is in proportion to its weight.
    ///
    /// @return whether every `dx` is finite
    public boolean inputGradient(
            ChannelArray dy, ChannelArray x, double[] weights, GradientMap map, ChannelArray dx) {
        ChannelLayout layout = x.layout();
        boolean finite = true;
        for (int plane = 0; plane < layout.outer(); plane++) {
            for (int channel = 0; channel < layout.channels(); channel++) {
                int start = (plane * layout.channels() + channel) * layout.inner();
                double center = map.center()[channel];
                double scale = map.scale()[channel];
                double offset = map.offset()[channel];
                double slope = map.slope()[channel];
                for (int i = 0; i < layout.inner(); i++) {
                    double w = weights[plane * layout.inner() + i];
                    double d = dy.at(start + i);
                    double through =
                            w == 0
                                    ? d
                                    : Math.fma(
                                            -w,
                                            Math.fma(x.at(start + i) - center, slope, offset),
                                            d);
                    finite &= dx.put(start + i, scale * through);
                }
            }
        }
        return finite;
    }
}
