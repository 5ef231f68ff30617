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
        implements Outputs.Loops {

    private static final int COUNT = FLOATS.length();

    @Override
    public boolean along(int from, int runs, int length, int first) {
        VectorMask<Float> rest = FLOATS.indexInRange(0, length % COUNT);
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
            for (; at + COUNT <= end; at += COUNT) {
                FloatVector distance = fromArray(FLOATS, x, at).sub(centerHigh).sub(centerLow);
                FloatVector value = distance.fma(factor, addend);
                value.intoArray(y, at);
                flaw = value.fma(zero, flaw);
            }
            if (at < end) {
                FloatVector distance =
                        fromArray(FLOATS, x, at, rest).sub(centerHigh).sub(centerLow);
                FloatVector value = distance.fma(factor, addend);
                value.intoArray(y, at, rest);
                flaw = flaw.add(value.mul(zero), rest);
            }
            at = end;
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
        for (; at + COUNT <= to; at += COUNT, column += COUNT) {
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
