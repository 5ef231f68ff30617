package batchnorm.kernel;

import batchnorm.kernel.Blocks.Block;
import batchnorm.tensor.ChannelLayout;

/// The reference kernel: element by element, on the caller's thread. Both types share the loops.
public final class ScalarKernel implements Kernel {
    /// Computes an output from the element at an index and its channel.
    private interface Formula {
        double at(int index, int channel);
    }

    /// Adds an element to its accumulators.
    private interface Accumulation {
        void add(int index, int part);
    }

    @Override
    public ChannelMoments moments(ChannelArray x) {
        Blocks blocks = new Blocks(x.layout());
        BlockSums totals = new BlockSums(blocks);
        Accumulators sums = new Accumulators();
        for (int index = 0; index < blocks.count(); index++) {
            Block block = blocks.block(index);
            for (int channel = 0; channel < x.layout().channels(); channel++) {
                double shift = x.at(block.start() + channel * x.layout().inner());
                sums.clear();
                forEach(
                        x.layout(),
                        block,
                        channel,
                        (i, part) -> {
                            double d = x.at(i) - shift;
                            sums.first[part] += d;
                            sums.second[part] = Math.fma(d, d, sums.second[part]);
                        });
                totals.center[totals.at(block, channel)] = shift;
                totals.put(block, channel, sums);
            }
        }
        return new BlockMoments(blocks, totals).merge();
    }

    @Override
    public void gradientSums(ChannelArray dy, ChannelArray x, double[] center, ChannelSums sums) {
        Blocks blocks = new Blocks(x.layout());
        BlockSums totals = new BlockSums(blocks);
        Accumulators parts = new Accumulators();
        for (int index = 0; index < blocks.count(); index++) {
            Block block = blocks.block(index);
            for (int channel = 0; channel < center.length; channel++) {
                double middle = center[channel];
                parts.clear();
                forEach(
                        x.layout(),
                        block,
                        channel,
                        (i, part) -> {
                            double d = x.at(i) - middle;
                            parts.first[part] += dy.at(i);
                            parts.second[part] = Math.fma(dy.at(i), d, parts.second[part]);
                        });
                totals.put(block, channel, parts);
            }
        }
        totals.add(0, center.length, sums);
    }

    /// Visits the elements of one channel of a block in the order of the contract.
    private static void forEach(
            ChannelLayout layout, Block block, int channel, Accumulation accumulation) {
        int start = block.start() + channel * layout.inner();
        for (int plane = 0; plane < block.planes(); plane++) {
            for (int i = 0; i < block.length(); i++) {
                accumulation.add(start + plane * layout.stride() + i, i % Blocks.ACCUMULATORS);
            }
        }
    }

    @Override
    public boolean normalize(ChannelArray x, AffineMap map, ChannelArray y) {
        double[] center = map.center();
        double[] scale = map.scale();
        double[] shift = map.shift();
        if (x instanceof ChannelArray.Floats && FloatParameters.fits(center, scale, shift)) {
            return fill(y, narrow(x.floats(), map));
        }
        return fill(y, (i, c) -> Math.fma(x.at(i) - center[c], scale[c], shift[c]));
    }

    private static Formula narrow(float[] x, AffineMap map) {
        float[] high = FloatParameters.high(map.center());
        float[] low = FloatParameters.low(map.center());
        float[] scale = FloatParameters.high(map.scale());
        float[] shift = FloatParameters.high(map.shift());
        return (i, c) -> Math.fma(x[i] - high[c] - low[c], scale[c], shift[c]);
    }

    @Override
    public boolean inputGradient(
            ChannelArray dy, ChannelArray x, GradientMap map, ChannelArray dx) {
        double[] center = map.center();
        double[] scale = map.scale();
        double[] offset = map.offset();
        double[] slope = map.slope();
        if (x instanceof ChannelArray.Floats
                && FloatParameters.fits(center, scale, offset)
                && FloatParameters.areSensible(slope)) {
            return fill(dx, narrow(dy.floats(), x.floats(), map));
        }
        return fill(
                dx,
                (i, c) -> scale[c] * Math.fma(center[c] - x.at(i), slope[c], dy.at(i) - offset[c]));
    }

    private static Formula narrow(float[] dy, float[] x, GradientMap map) {
        float[] high = FloatParameters.high(map.center());
        float[] low = FloatParameters.low(map.center());
        float[] scale = FloatParameters.high(map.scale());
        float[] offset = FloatParameters.high(map.offset());
        float[] slope = FloatParameters.high(map.slope());
        return (i, c) -> scale[c] * Math.fma(high[c] - x[i] + low[c], slope[c], dy[i] - offset[c]);
    }

    private static boolean fill(ChannelArray target, Formula formula) {
        ChannelLayout layout = target.layout();
        boolean finite = true;
        int index = 0;
        for (int plane = 0; plane < layout.outer() * layout.channels(); plane++) {
            for (int i = 0; i < layout.inner(); i++) {
                finite &= target.put(index, formula.at(index, plane % layout.channels()));
                index++;
            }
        }
        return finite;
    }
}
