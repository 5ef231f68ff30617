package batchnorm.kernel;

/// The SIMD kernel. Usable only where [#isAvailable]; it names no vector type itself, so that
/// asking is always safe.
public final class VectorKernel implements Kernel {
    /// Below this many elements, waking a helper costs more than it saves.
    private static final int LARGE = 1 << 17;

    /// Takes over where parameters have no sensible size in FP32.
    private static final Kernel REFERENCE = new ScalarKernel();

    private final WorkerPool cores;

    /// Uses every core for large arrays.
    public VectorKernel() {
        this(Runtime.getRuntime().availableProcessors());
    }

    /// Uses at most this many threads, the caller's included.
    public VectorKernel(int threads) {
        this.cores = new WorkerPool(threads);
    }

    /// Whether this JVM has the vector classes, or lets itself be given them.
    public static boolean isAvailable() {
        return VectorModule.load();
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
        Box box = new Box(outer, channels, inner);
        moments(box, new FloatMoments(x, box), mean, rest, m2);
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
        Box box = new Box(outer, channels, inner);
        moments(box, new DoubleMoments(x, box), mean, rest, m2);
    }

    private void moments(
            Box box, BlockReduction.Loops loops, double[] mean, double[] rest, double[] m2) {
        BlockSums sums = new BlockSums(box);
        new BlockReduction(box, loops, sums).run(coresFor(box));
        new BlockMoments(box, sums).merge(mean, rest, m2);
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
        if (!VectorBounds.fits(center, scale, shift)) {
            return REFERENCE.normalize(x, outer, channels, inner, center, scale, shift, y);
        }
        Box box = new Box(outer, channels, inner);
        ElementwiseLoop outputs = new ElementwiseLoop(box);
        return outputs.run(
                coresFor(box),
                new FloatNormalization(
                        x,
                        outputs.spread(Narrowing.high(center)),
                        outputs.spread(Narrowing.low(center)),
                        outputs.spread(Narrowing.high(scale)),
                        outputs.spread(Narrowing.high(shift)),
                        y));
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
        Box box = new Box(outer, channels, inner);
        ElementwiseLoop outputs = new ElementwiseLoop(box);
        return outputs.run(
                coresFor(box),
                new DoubleNormalization(
                        x,
                        outputs.spread(center),
                        outputs.spread(scale),
                        outputs.spread(shift),
                        y));
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
        Box box = new Box(outer, channels, inner);
        new GradientSums(box, new FloatGradientSums(dy, x, center, box), sum, product)
                .all(coresFor(box));
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
        Box box = new Box(outer, channels, inner);
        new GradientSums(box, new DoubleGradientSums(dy, x, center, box), sum, product)
                .all(coresFor(box));
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
        if (!(VectorBounds.fits(center, scale, offset) && VectorBounds.areSensible(slope))) {
            return REFERENCE.inputGradient(
                    dy, x, outer, channels, inner, center, scale, offset, slope, dx);
        }
        Box box = new Box(outer, channels, inner);
        ElementwiseLoop outputs = new ElementwiseLoop(box);
        return outputs.run(
                coresFor(box),
                new FloatInputGradient(
                        dy,
                        x,
                        outputs.spread(Narrowing.high(center)),
                        outputs.spread(Narrowing.low(center)),
                        outputs.spread(Narrowing.high(scale)),
                        outputs.spread(Narrowing.high(offset)),
                        outputs.spread(Narrowing.high(slope)),
                        dx));
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
        Box box = new Box(outer, channels, inner);
        ElementwiseLoop outputs = new ElementwiseLoop(box);
        return outputs.run(
                coresFor(box),
                new DoubleInputGradient(
                        dy,
                        x,
                        outputs.spread(center),
                        outputs.spread(scale),
                        outputs.spread(offset),
                        outputs.spread(slope),
                        dx));
    }

    @Override
    public boolean trainingGradient(
            float[] dy,
            float[] x,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] inverse,
            double[] scale,
            double[] sum,
            double[] product,
            float[] dx) {
        Box box = new Box(outer, channels, inner);
        ChannelGroups groups = new ChannelGroups(box, 2 * Float.BYTES);
        if (!groups.areUseful()
                || !(VectorBounds.areSensible(center) && VectorBounds.areSensible(scale))) {
            return Kernel.super.trainingGradient(
                    dy, x, outer, channels, inner, center, inverse, scale, sum, product, dx);
        }
        GradientSums sums =
                new GradientSums(box, new FloatGradientSums(dy, x, center, box), sum, product);
        Correction correction = new Correction(inverse, (double) outer * inner);
        ElementwiseLoop outputs = new ElementwiseLoop(box);
        double[] wideOffset = correction.offset();
        double[] wideSlope = correction.slope();
        float[] high = Narrowing.high(center);
        float[] low = Narrowing.low(center);
        float[] offset = new float[channels];
        float[] slope = new float[channels];
        FloatInputGradient loops =
                new FloatInputGradient(dy, x, high, low, Narrowing.high(scale), offset, slope, dx);
        boolean finite =
                groups.all(
                        coresFor(box),
                        (first, end) -> {
                            sums.some(first, end);
                            correction.put(first, end, sum, product);
                            Narrowing.high(wideOffset, first, end, offset);
                            Narrowing.high(wideSlope, first, end, slope);
                            return outputs.run(loops, first, end);
                        });
        if (VectorBounds.areBounded(wideOffset) && VectorBounds.areSensible(wideSlope)) {
            return finite;
        }
        return REFERENCE.inputGradient(
                dy, x, outer, channels, inner, center, scale, wideOffset, wideSlope, dx);
    }

    @Override
    public boolean trainingGradient(
            double[] dy,
            double[] x,
            int outer,
            int channels,
            int inner,
            double[] center,
            double[] inverse,
            double[] scale,
            double[] sum,
            double[] product,
            double[] dx) {
        Box box = new Box(outer, channels, inner);
        ChannelGroups groups = new ChannelGroups(box, 2 * Double.BYTES);
        if (!groups.areUseful()) {
            return Kernel.super.trainingGradient(
                    dy, x, outer, channels, inner, center, inverse, scale, sum, product, dx);
        }
        GradientSums sums =
                new GradientSums(box, new DoubleGradientSums(dy, x, center, box), sum, product);
        Correction correction = new Correction(inverse, (double) outer * inner);
        ElementwiseLoop outputs = new ElementwiseLoop(box);
        DoubleInputGradient loops =
                new DoubleInputGradient(
                        dy, x, center, scale, correction.offset(), correction.slope(), dx);
        return groups.all(
                coresFor(box),
                (first, end) -> {
                    sums.some(first, end);
                    correction.put(first, end, sum, product);
                    return outputs.run(loops, first, end);
                });
    }

    private WorkerPool coresFor(Box box) {
        return box.elements() < LARGE ? WorkerPool.CALLER : cores;
    }
}
