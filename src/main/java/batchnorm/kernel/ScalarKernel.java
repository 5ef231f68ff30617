package batchnorm.kernel;

import batchnorm.kernel.Box.Block;

/// The reference: one element after the other, on the caller's thread. Both types share the loops,
/// which read through [Source] and write through [Target].
public final class ScalarKernel implements Kernel {

    /// The value of an output at an index, from the element there and its channel.
    private interface Formula {
        double at(int index, int channel);
    }

    @Override
    public void moments(
            float[] x,
            int outer,
            int channels,
            int inner,
            double[] mean,
            double[] rest,
            double[] m2) {
        moments(i -> x[i], new Box(outer, channels, inner), mean, rest, m2);
    }

    @Override
    public void moments(
            double[] x,
            int outer,
            int channels,
            int inner,
            double[] mean,
            double[] rest,
            double[] m2) {
        moments(i -> x[i], new Box(outer, channels, inner), mean, rest, m2);
    }

    @Override
    public boolean normalize(
            float[] x,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] scale,
            double[] shift,
            float[] y) {
        return fill(
                new Box(outer, channels, inner),
                Narrowing.fits(center, scale, shift)
                        ? normalized(
                                x,
                                Narrowing.high(center),
                                Narrowing.low(center),
                                Narrowing.high(scale),
                                Narrowing.high(shift))
                        : normalized(i -> x[i], center, scale, shift),
                Target.into(y));
    }

    @Override
    public boolean normalize(
            double[] x,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] scale,
            double[] shift,
            double[] y) {
        return fill(
                new Box(outer, channels, inner),
                normalized(i -> x[i], center, scale, shift),
                Target.into(y));
    }

    @Override
    public void gradientSums(
            float[] dy,
            float[] x,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] sum,
            double[] product) {
        gradientSums(i -> dy[i], i -> x[i], new Box(outer, channels, inner), center, sum, product);
    }

    @Override
    public void gradientSums(
            double[] dy,
            double[] x,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] sum,
            double[] product) {
        gradientSums(i -> dy[i], i -> x[i], new Box(outer, channels, inner), center, sum, product);
    }

    @Override
    public boolean inputGradient(
            float[] dy,
            float[] x,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] scale,
            double[] offset,
            double[] slope,
            float[] dx) {
        return fill(
                new Box(outer, channels, inner),
                Narrowing.fits(center, scale, offset) && Narrowing.areSensible(slope)
                        ? gradient(
                                dy,
                                x,
                                Narrowing.high(center),
                                Narrowing.low(center),
                                Narrowing.high(scale),
                                Narrowing.high(offset),
                                Narrowing.high(slope))
                        : gradient(i -> dy[i], i -> x[i], center, scale, offset, slope),
                Target.into(dx));
    }

    @Override
    public boolean inputGradient(
            double[] dy,
            double[] x,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] scale,
            double[] offset,
            double[] slope,
            double[] dx) {
        return fill(
                new Box(outer, channels, inner),
                gradient(i -> dy[i], i -> x[i], center, scale, offset, slope),
                Target.into(dx));
    }

    /// Takes an element to its accumulators.
    private interface Step {
        void add(int index, int part);
    }

    private static void moments(Source x, Box box, double[] mean, double[] rest, double[] m2) {
        BlockSums blocks = new BlockSums(box);
        Accumulators sums = new Accumulators();
        for (int index = 0; index < box.blocks(); index++) {
            Block block = box.block(index);
            for (int channel = 0; channel < box.channels(); channel++) {
                int start = block.start() + channel * box.inner();
                double shift = x.at(start);
                sums.clear();
                forEach(
                        box,
                        block,
                        channel,
                        (i, part) -> {
                            double d = x.at(i) - shift;
                            sums.first[part] += d;
                            sums.second[part] = Math.fma(d, d, sums.second[part]);
                        });
                int at = blocks.at(block, channel);
                blocks.center[at] = shift;
                blocks.first[at] = Accumulators.total(sums.first);
                blocks.second[at] = Accumulators.total(sums.second);
            }
        }
        new BlockMoments(box, blocks).merge(mean, rest, m2);
    }

    private static void gradientSums(
            Source dy, Source x, Box box, double[] center, double[] sum, double[] product) {
        BlockSums blocks = new BlockSums(box);
        Accumulators sums = new Accumulators();
        for (int index = 0; index < box.blocks(); index++) {
            Block block = box.block(index);
            for (int channel = 0; channel < box.channels(); channel++) {
                double middle = center[channel];
                sums.clear();
                forEach(
                        box,
                        block,
                        channel,
                        (i, part) -> {
                            double d = x.at(i) - middle;
                            sums.first[part] += dy.at(i);
                            sums.second[part] = Math.fma(dy.at(i), d, sums.second[part]);
                        });
                int at = blocks.at(block, channel);
                blocks.first[at] = Accumulators.total(sums.first);
                blocks.second[at] = Accumulators.total(sums.second);
            }
        }
        blocks.add(0, box.channels(), sum, product);
    }

    /// Takes the elements of one channel of a block in the order of the contract.
    private static void forEach(Box box, Block block, int channel, Step step) {
        int start = block.start() + channel * box.inner();
        for (int plane = 0; plane < block.planes(); plane++) {
            for (int i = 0; i < block.length(); i++) {
                step.add(start + plane * box.stride() + i, i % Box.ACCUMULATORS);
            }
        }
    }

    private static Formula normalized(Source x, double[] center, double[] scale, double[] shift) {
        return (i, channel) -> Math.fma(x.at(i) - center[channel], scale[channel], shift[channel]);
    }

    private static Formula gradient(
            Source dy, Source x, double[] center, double[] scale, double[] offset, double[] slope) {
        return (i, channel) ->
                scale[channel]
                        * Math.fma(
                                center[channel] - x.at(i),
                                slope[channel],
                                dy.at(i) - offset[channel]);
    }

    private static Formula normalized(
            float[] x, float[] high, float[] low, float[] scale, float[] shift) {
        return (i, channel) ->
                Math.fma(x[i] - high[channel] - low[channel], scale[channel], shift[channel]);
    }

    private static Formula gradient(
            float[] dy,
            float[] x,
            float[] high,
            float[] low,
            float[] scale,
            float[] offset,
            float[] slope) {
        return (i, channel) ->
                scale[channel]
                        * Math.fma(
                                high[channel] - x[i] + low[channel],
                                slope[channel],
                                dy[i] - offset[channel]);
    }

    private static boolean fill(Box box, Formula formula, Target target) {
        boolean finite = true;
        int index = 0;
        for (int plane = 0; plane < box.outer() * box.channels(); plane++) {
            for (int i = 0; i < box.inner(); i++) {
                finite &= target.put(index, formula.at(index, plane % box.channels()));
                index++;
            }
        }
        return finite;
    }
}
