package batchnorm.kernel;

import static batchnorm.kernel.Lanes.DOUBLES;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/// `y = (x - center)·scale + shift`.
record DoubleNormalization(double[] x, double[] center, double[] scale, double[] shift, double[] y)
        implements ElementwiseLoop.Loops {

    private static final int COUNT = DOUBLES.length();

    @Override
    public boolean along(int from, int runs, int length, int first) {
        if (length < COUNT) {
            return alongShort(from, runs, length, first);
        }
        DoubleVector zero = DoubleVector.zero(DOUBLES);
        DoubleVector flaw = zero;
        int channel = first;
        int at = from;
        for (int run = 0; run < runs; run++) {
            DoubleVector middle = broadcast(DOUBLES, center[channel]);
            DoubleVector factor = broadcast(DOUBLES, scale[channel]);
            DoubleVector addend = broadcast(DOUBLES, shift[channel]);
            int end = at + length;
            int last = end - COUNT;
            DoubleVector lastDistance = fromArray(DOUBLES, x, last).sub(middle);
            DoubleVector lastValue = lastDistance.fma(factor, addend);
            for (; at + COUNT < end; at += COUNT) {
                DoubleVector distance = fromArray(DOUBLES, x, at).sub(middle);
                DoubleVector value = distance.fma(factor, addend);
                value.intoArray(y, at);
                flaw = value.fma(zero, flaw);
            }
            lastValue.intoArray(y, last);
            flaw = lastValue.fma(zero, flaw);
            at = end;
            channel = channel + 1 == scale.length ? 0 : channel + 1;
        }
        return flaw.compare(EQ, 0).allTrue();
    }

    private boolean alongShort(int from, int runs, int length, int first) {
        VectorMask<Double> run = DOUBLES.indexInRange(0, length);
        DoubleVector zero = DoubleVector.zero(DOUBLES);
        DoubleVector flaw = zero;
        int channel = first;
        int at = from;
        for (int end = from + runs * length; at < end; at += length) {
            DoubleVector middle = broadcast(DOUBLES, center[channel]);
            DoubleVector factor = broadcast(DOUBLES, scale[channel]);
            DoubleVector addend = broadcast(DOUBLES, shift[channel]);
            DoubleVector distance = fromArray(DOUBLES, x, at, run).sub(middle);
            DoubleVector value = distance.fma(factor, addend);
            value.intoArray(y, at, run);
            flaw = flaw.add(value.mul(zero), run);
            channel = channel + 1 == scale.length ? 0 : channel + 1;
        }
        return flaw.compare(EQ, 0).allTrue();
    }

    @Override
    public boolean across(int from, int to, int firstColumn) {
        DoubleVector zero = DoubleVector.zero(DOUBLES);
        DoubleVector flaw = zero;
        int at = from;
        int column = firstColumn;
        int bound = from + DOUBLES.loopBound(to - from);
        for (; at < bound; at += COUNT, column += COUNT) {
            DoubleVector value =
                    fromArray(DOUBLES, x, at)
                            .sub(fromArray(DOUBLES, center, column))
                            .fma(
                                    fromArray(DOUBLES, scale, column),
                                    fromArray(DOUBLES, shift, column));
            value.intoArray(y, at);
            flaw = value.fma(zero, flaw);
        }
        boolean finite = flaw.compare(EQ, 0).allTrue();
        for (; at < to; at++, column++) {
            double distance = x[at] - center[column];
            y[at] = Math.fma(distance, scale[column], shift[column]);
            finite &= Double.isFinite(y[at]);
        }
        return finite;
    }
}
