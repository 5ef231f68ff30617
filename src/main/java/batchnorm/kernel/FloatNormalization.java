package batchnorm.kernel;

import static batchnorm.kernel.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// `y = (x - high - low)·scale + shift`.
record FloatNormalization(
        float[] x, float[] high, float[] low, float[] scale, float[] shift, float[] y)
        implements ElementwiseLoop.Loops {

    private static final int COUNT = FLOATS.length();

    @Override
    public boolean along(int from, int runs, int length, int first) {
        if (length < COUNT) {
            return alongShort(from, runs, length, first);
        }
        FloatVector zero = FloatVector.zero(FLOATS);
        FloatVector flaw = zero;
        int channel = first;
        int at = from;
        for (int run = 0; run < runs; run++) {
            FloatVector centerHigh = broadcast(FLOATS, high[channel]);
            FloatVector centerLow = broadcast(FLOATS, low[channel]);
            FloatVector factor = broadcast(FLOATS, scale[channel]);
            FloatVector addend = broadcast(FLOATS, shift[channel]);
            int end = at + length;
            int last = end - COUNT;
            FloatVector lastDistance = fromArray(FLOATS, x, last).sub(centerHigh).sub(centerLow);
            FloatVector lastValue = lastDistance.fma(factor, addend);
            for (; at + COUNT < end; at += COUNT) {
                FloatVector distance = fromArray(FLOATS, x, at).sub(centerHigh).sub(centerLow);
                FloatVector value = distance.fma(factor, addend);
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
        VectorMask<Float> run = FLOATS.indexInRange(0, length);
        FloatVector zero = FloatVector.zero(FLOATS);
        FloatVector flaw = zero;
        int channel = first;
        int at = from;
        for (int end = from + runs * length; at < end; at += length) {
            FloatVector centerHigh = broadcast(FLOATS, high[channel]);
            FloatVector centerLow = broadcast(FLOATS, low[channel]);
            FloatVector factor = broadcast(FLOATS, scale[channel]);
            FloatVector addend = broadcast(FLOATS, shift[channel]);
            FloatVector distance = fromArray(FLOATS, x, at, run).sub(centerHigh).sub(centerLow);
            FloatVector value = distance.fma(factor, addend);
            value.intoArray(y, at, run);
            flaw = flaw.add(value.mul(zero), run);
            channel = channel + 1 == scale.length ? 0 : channel + 1;
        }
        return flaw.compare(EQ, 0).allTrue();
    }

    @Override
    public boolean across(int from, int to, int firstColumn) {
        FloatVector zero = FloatVector.zero(FLOATS);
        FloatVector flaw = zero;
        int at = from;
        int column = firstColumn;
        int bound = from + FLOATS.loopBound(to - from);
        for (; at < bound; at += COUNT, column += COUNT) {
            FloatVector value =
                    fromArray(FLOATS, x, at)
                            .sub(fromArray(FLOATS, high, column))
                            .sub(fromArray(FLOATS, low, column))
                            .fma(
                                    fromArray(FLOATS, scale, column),
                                    fromArray(FLOATS, shift, column));
            value.intoArray(y, at);
            flaw = value.fma(zero, flaw);
        }
        boolean finite = flaw.compare(EQ, 0).allTrue();
        for (; at < to; at++, column++) {
            float distance = x[at] - high[column] - low[column];
            y[at] = Math.fma(distance, scale[column], shift[column]);
            finite &= Float.isFinite(y[at]);
        }
        return finite;
    }
}
