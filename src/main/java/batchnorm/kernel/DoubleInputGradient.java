package batchnorm.kernel;

import static batchnorm.kernel.Lanes.DOUBLES;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;

import jdk.incubator.vector.DoubleVector;

/// `dx = scale·(dy - offset - (x - center)·slope)`.
record DoubleInputGradient(
        double[] dy,
        double[] x,
        double[] center,
        double[] scale,
        double[] offset,
        double[] slope,
        double[] dx)
        implements Outputs.Loops {

    private static final int COUNT = DOUBLES.length();

    @Override
    public boolean along(int from, int to, int channel) {
        DoubleVector middle = broadcast(DOUBLES, center[channel]);
        DoubleVector tilt = broadcast(DOUBLES, slope[channel]);
        DoubleVector zero = DoubleVector.zero(DOUBLES);
        DoubleVector flaw = zero;
        int at = from;
        for (; at + COUNT <= to; at += COUNT) {
            DoubleVector distance = middle.sub(fromArray(DOUBLES, x, at));
            DoubleVector rest = fromArray(DOUBLES, dy, at).sub(offset[channel]);
            DoubleVector value = distance.fma(tilt, rest).mul(scale[channel]);
            value.intoArray(dx, at);
            flaw = value.fma(zero, flaw);
        }
        boolean finite = flaw.compare(EQ, 0).allTrue();
        for (; at < to; at++) {
            double distance = center[channel] - x[at];
            double rest = dy[at] - offset[channel];
            dx[at] = scale[channel] * Math.fma(distance, slope[channel], rest);
            finite &= Double.isFinite(dx[at]);
        }
        return finite;
    }

    @Override
    public boolean across(int from, int to, int firstColumn) {
        DoubleVector zero = DoubleVector.zero(DOUBLES);
        DoubleVector flaw = zero;
        int at = from;
        int column = firstColumn;
        for (; at + COUNT <= to; at += COUNT, column += COUNT) {
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
