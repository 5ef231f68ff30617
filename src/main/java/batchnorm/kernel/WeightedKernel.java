package batchnorm.kernel;

import batchnorm.kernel.Blocks.Block;
import batchnorm.tensor.ChannelLayout;

/// The loops of [Kernel] that differ for weighted positions of a batch: a masked position has
/// weight 0, a sample its own weight. A position `(o, i)` of the layout `[outer, channels, inner]`
/// is one value of every channel; its weight is at `o·inner + i`.
///
/// These loops would slow down the unweighted ones and are therefore separate. They run on the
/// caller's thread, in binary64 whatever the type of the data. They sum in [Kernel]'s order and
/// thus return the same bits on every machine. A value of weight 0 is never read: padding may be
/// NaN.
public final class WeightedKernel {
    /// Computes per channel `mean = Σw·x/Σw` and `m2 = Σw·(x-mean)²`; both 0 when no weight is
    /// positive. Within a block, `d = x - shift` with the block's first value of positive weight as
    /// `shift`. Blocks are merged as in [Kernel#moments], with sums of weights instead of counts.
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

    /// Sums one channel of a block that has positive weights.
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

    /// Returns the index of the first weight of one plane of a block.
    private static int position(ChannelLayout layout, Block block, int plane) {
        int first = block.start() / layout.stride();
        return (first + plane) * layout.inner() + block.start() % layout.stride();
    }

    /// Writes `dx = scale·(dy - w·(offset + (x-center)·slope))`: the part of a value's gradient
    /// through the statistics is proportional to its weight.
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
