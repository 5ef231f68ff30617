package batchnorm.kernel;

import static batchnorm.kernel.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// `dx = scale·(dy - offset - (x - high - low)·slope)`.
record FloatInputGradient(
        float[] dy,
        float[] x,
        float[] high,
        float[] low,
        float[] scale,
        float[] offset,
        float[] slope,
        float[] dx)
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
            FloatVector middle = broadcast(FLOATS, offset[channel]);
            FloatVector tilt = broadcast(FLOATS, slope[channel]);
            FloatVector factor = broadcast(FLOATS, scale[channel]);
            int end = at + length;
            int last = end - COUNT;
            FloatVector lastDistance = centerHigh.sub(fromArray(FLOATS, x, last)).add(centerLow);
            FloatVector lastGradient = fromArray(FLOATS, dy, last).sub(middle);
            FloatVector lastValue = lastDistance.fma(tilt, lastGradient).mul(factor);
            for (; at + COUNT < end; at += COUNT) {
                FloatVector distance = centerHigh.sub(fromArray(FLOATS, x, at)).add(centerLow);
                FloatVector gradient = fromArray(FLOATS, dy, at).sub(middle);
                FloatVector value = distance.fma(tilt, gradient).mul(factor);
                value.intoArray(dx, at);
                flaw = value.fma(zero, flaw);
            }
            lastValue.intoArray(dx, last);
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
            FloatVector middle = broadcast(FLOATS, offset[channel]);
            FloatVector tilt = broadcast(FLOATS, slope[channel]);
            FloatVector factor = broadcast(FLOATS, scale[channel]);
            FloatVector distance = centerHigh.sub(fromArray(FLOATS, x, at, run)).add(centerLow);
            FloatVector gradient = fromArray(FLOATS, dy, at, run).sub(middle);
            FloatVector value = distance.fma(tilt, gradient).mul(factor);
            value.intoArray(dx, at, run);
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
            FloatVector distance =
                    fromArray(FLOATS, high, column)
                            .sub(fromArray(FLOATS, x, at))
                            .add(fromArray(FLOATS, low, column));
            FloatVector rest = fromArray(FLOATS, dy, at).sub(fromArray(FLOATS, offset, column));
            FloatVector value =
                    distance.fma(fromArray(FLOATS, slope, column), rest)
                            .mul(fromArray(FLOATS, scale, column));
            value.intoArray(dx, at);
            flaw = value.fma(zero, flaw);
        }
        boolean finite = flaw.compare(EQ, 0).allTrue();
        for (; at < to; at++, column++) {
            float distance = high[column] - x[at] + low[column];
            float rest = dy[at] - offset[column];
            dx[at] = scale[column] * Math.fma(distance, slope[column], rest);
            finite &= Float.isFinite(dx[at]);
        }
        return finite;
    }
}
