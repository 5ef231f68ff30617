package batchnorm.kernel;

import static batchnorm.kernel.Lanes.DOUBLES;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/// `dx = scale·(dy - offset - (x - center)·slope)`.
record DoubleInputGradient(
        double[] dy,
        double[] x,
        double[] center,
        double[] scale,
        double[] offset,
        double[] slope,
        double[] dx)
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
            DoubleVector addend = broadcast(DOUBLES, offset[channel]);
            DoubleVector tilt = broadcast(DOUBLES, slope[channel]);
            DoubleVector factor = broadcast(DOUBLES, scale[channel]);
            int end = at + length;
            int last = end - COUNT;
            DoubleVector lastDistance = middle.sub(fromArray(DOUBLES, x, last));
            DoubleVector lastGradient = fromArray(DOUBLES, dy, last).sub(addend);
            DoubleVector lastValue = lastDistance.fma(tilt, lastGradient).mul(factor);
            for (; at + COUNT < end; at += COUNT) {
                DoubleVector distance = middle.sub(fromArray(DOUBLES, x, at));
                DoubleVector gradient = fromArray(DOUBLES, dy, at).sub(addend);
                DoubleVector value = distance.fma(tilt, gradient).mul(factor);
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
        VectorMask<Double> run = DOUBLES.indexInRange(0, length);
        DoubleVector zero = DoubleVector.zero(DOUBLES);
        DoubleVector flaw = zero;
        int channel = first;
        int at = from;
        for (int end = from + runs * length; at < end; at += length) {
            DoubleVector middle = broadcast(DOUBLES, center[channel]);
            DoubleVector addend = broadcast(DOUBLES, offset[channel]);
            DoubleVector tilt = broadcast(DOUBLES, slope[channel]);
            DoubleVector factor = broadcast(DOUBLES, scale[channel]);
            DoubleVector distance = middle.sub(fromArray(DOUBLES, x, at, run));
            DoubleVector gradient = fromArray(DOUBLES, dy, at, run).sub(addend);
            DoubleVector value = distance.fma(tilt, gradient).mul(factor);
            value.intoArray(dx, at, run);
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
            DoubleVector distance =
                    fromArray(DOUBLES, center, column).sub(fromArray(DOUBLES, x, at));
            DoubleVector rest = fromArray(DOUBLES, dy, at).sub(fromArray(DOUBLES, offset, column));
            DoubleVector value =
                    distance.fma(fromArray(DOUBLES, slope, column), rest)
                            .mul(fromArray(DOUBLES, scale, column));
            value.intoArray(dx, at);
            flaw = value.fma(zero, flaw);
        }
        boolean finite = flaw.compare(EQ, 0).allTrue();
        for (; at < to; at++, column++) {
            double distance = center[column] - x[at];
            double rest = dy[at] - offset[column];
            dx[at] = scale[column] * Math.fma(distance, slope[column], rest);
            finite &= Double.isFinite(dx[at]);
        }
        return finite;
    }
}
