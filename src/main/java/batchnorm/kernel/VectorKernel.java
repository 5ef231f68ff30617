package batchnorm.kernel;

import batchnorm.kernel.ChannelArray.Doubles;
import batchnorm.kernel.ChannelArray.Floats;
import batchnorm.tensor.ChannelLayout;

/// The SIMD kernel, usable only if [#isAvailable]. That method is always safe to call: this class
/// refers to no vector type itself.
public final class VectorKernel implements Kernel {
    /// The number of elements below which waking a helper costs more than it saves.
    private static final int LARGE = 1 << 17;

    /// The kernel for parameters that are out of range for FP32.
    private static final Kernel REFERENCE = new ScalarKernel();

    private final WorkerPool cores;

    /// Creates a kernel that uses every core for large arrays.
    public VectorKernel() {
        this(Runtime.getRuntime().availableProcessors());
    }

    /// Creates a kernel with at most this many threads, including the caller's.
    public VectorKernel(int threads) {
        this.cores = new WorkerPool(threads);
    }

    /// Returns whether this JVM has the vector classes or can load them.
    public static boolean isAvailable() {
        return VectorModule.load();
    }

    @Override
    public ChannelMoments moments(ChannelArray x) {
        ChannelLayout layout = x.layout();
        BlockReduction.Loops loops =
                switch (x) {
                    case Floats floats -> new FloatMoments(floats.values(), layout);
                    case Doubles doubles -> new DoubleMoments(doubles.values(), layout);
                };
        Blocks blocks = new Blocks(layout);
        BlockSums sums = new BlockSums(blocks);
        new BlockReduction(blocks, loops, sums).run(coresFor(layout));
        return new BlockMoments(blocks, sums).merge();
    }

    @Override
    public boolean normalize(ChannelArray x, AffineMap map, ChannelArray y) {
        if (x instanceof Floats && !VectorBounds.fits(map.center(), map.scale(), map.shift())) {
            return REFERENCE.normalize(x, map, y);
        }
        ElementwiseLoop outputs = new ElementwiseLoop(x.layout());
        ElementwiseLoop.Loops loops =
                switch (x) {
                    case Floats floats ->
                            new FloatNormalization(
                                    floats.values(),
                                    outputs.spread(FloatParameters.high(map.center())),
                                    outputs.spread(FloatParameters.low(map.center())),
                                    outputs.spread(FloatParameters.high(map.scale())),
                                    outputs.spread(FloatParameters.high(map.shift())),
                                    y.floats());
                    case Doubles doubles ->
                            new DoubleNormalization(
                                    doubles.values(),
                                    outputs.spread(map.center()),
                                    outputs.spread(map.scale()),
                                    outputs.spread(map.shift()),
                                    y.doubles());
                };
        return outputs.run(coresFor(x.layout()), loops);
    }

    @Override
    public void gradientSums(ChannelArray dy, ChannelArray x, double[] center, ChannelSums sums) {
        reduction(dy, x, center, sums).all(coresFor(x.layout()));
    }

    private static GradientReduction reduction(
            ChannelArray dy, ChannelArray x, double[] center, ChannelSums sums) {
        BlockReduction.Loops loops =
                switch (x) {
                    case Floats floats ->
                            new FloatGradientSums(dy.floats(), floats.values(), center, x.layout());
                    case Doubles doubles ->
                            new DoubleGradientSums(
                                    dy.doubles(), doubles.values(), center, x.layout());
                };
        return new GradientReduction(new Blocks(x.layout()), loops, sums);
    }

    @Override
    public boolean inputGradient(
            ChannelArray dy, ChannelArray x, GradientMap map, ChannelArray dx) {
        if (x instanceof Floats
                && !(VectorBounds.fits(map.center(), map.scale(), map.offset())
                        && VectorBounds.areSensible(map.slope()))) {
            return REFERENCE.inputGradient(dy, x, map, dx);
        }
        ElementwiseLoop outputs = new ElementwiseLoop(x.layout());
        ElementwiseLoop.Loops loops =
                switch (x) {
                    case Floats floats ->
                            new FloatInputGradient(
                                    dy.floats(),
                                    floats.values(),
                                    outputs.spread(FloatParameters.high(map.center())),
                                    outputs.spread(FloatParameters.low(map.center())),
                                    outputs.spread(FloatParameters.high(map.scale())),
                                    outputs.spread(FloatParameters.high(map.offset())),
                                    outputs.spread(FloatParameters.high(map.slope())),
                                    dx.floats());
                    case Doubles doubles ->
                            new DoubleInputGradient(
                                    dy.doubles(),
                                    doubles.values(),
                                    outputs.spread(map.center()),
                                    outputs.spread(map.scale()),
                                    outputs.spread(map.offset()),
                                    outputs.spread(map.slope()),
                                    dx.doubles());
                };
        return outputs.run(coresFor(x.layout()), loops);
    }

    @Override
    public boolean trainingGradient(
            ChannelArray dy,
            ChannelArray x,
            double[] center,
            double[] inverse,
            double[] scale,
            ChannelSums sums,
            ChannelArray dx) {
        ChannelLayout layout = x.layout();
        boolean narrow = x instanceof Floats;
        ChannelGroups groups = new ChannelGroups(layout, 2 * (narrow ? Float.BYTES : Double.BYTES));
        boolean fits =
                !narrow || VectorBounds.areSensible(center) && VectorBounds.areSensible(scale);
        if (!groups.areUseful() || !fits) {
            return Kernel.super.trainingGradient(dy, x, center, inverse, scale, sums, dx);
        }
        GradientReduction reduction = reduction(dy, x, center, sums);
        GradientMap map = new GradientMap(center, scale);
        float[] offset = new float[narrow ? scale.length : 0];
        float[] slope = new float[offset.length];
        ElementwiseLoop outputs = new ElementwiseLoop(layout);
        ElementwiseLoop.Loops loops = loops(dy, x, map, offset, slope, dx);
        boolean finite =
                groups.all(
                        coresFor(layout),
                        (first, end) -> {
                            reduction.some(first, end);
                            map.put(first, end, inverse, layout.count(), sums);
                            if (narrow) {
                                FloatParameters.high(map.offset(), first, end, offset);
                                FloatParameters.high(map.slope(), first, end, slope);
                            }
                            return outputs.run(loops, first, end);
                        });
        boolean fitted =
                !narrow
                        || VectorBounds.areBounded(map.offset())
                                && VectorBounds.areSensible(map.slope());
        return fitted ? finite : REFERENCE.inputGradient(dy, x, map, dx);
    }

    /// Returns the loops for long planes, without parameters by column.
    ///
    /// @param offset of FP32, filled later, as is `slope`
    private static ElementwiseLoop.Loops loops(
            ChannelArray dy,
            ChannelArray x,
            GradientMap map,
            float[] offset,
            float[] slope,
            ChannelArray dx) {
        return switch (x) {
            case Floats floats ->
                    new FloatInputGradient(
                            dy.floats(),
                            floats.values(),
                            FloatParameters.high(map.center()),
                            FloatParameters.low(map.center()),
                            FloatParameters.high(map.scale()),
                            offset,
                            slope,
                            dx.floats());
            case Doubles doubles ->
                    new DoubleInputGradient(
                            dy.doubles(),
                            doubles.values(),
                            map.center(),
                            map.scale(),
                            map.offset(),
                            map.slope(),
                            dx.doubles());
        };
    }

    private WorkerPool coresFor(ChannelLayout layout) {
        return layout.elements() < LARGE ? WorkerPool.CALLER : cores;
    }
}
