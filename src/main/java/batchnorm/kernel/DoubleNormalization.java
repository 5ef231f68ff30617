package batchnorm.kernel;

import static batchnorm.kernel.Lanes.DOUBLES;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;

import jdk.incubator.vector.DoubleVector;

/// `y = (x - center)·scale + shift`.
record DoubleNormalization(double[] x, double[] center, double[] scale, double[] shift, double[] y)
        implements Outputs.Loops {

    private static final int COUNT = DOUBLES.length();

    @Override
    public boolean along(int from, int to, int channel) {
        DoubleVector middle = broadcast(DOUBLES, center[channel]);
        DoubleVector factor = broadcast(DOUBLES, scale[channel]);
        DoubleVector addend = broadcast(DOUBLES, shift[channel]);
        DoubleVector zero = DoubleVector.zero(DOUBLES);
        DoubleVector flaw = zero;
        int at = from;
        for (; at + COUNT <= to; at += COUNT) {
            DoubleVector value = fromArray(DOUBLES, x, at).sub(middle).fma(factor, addend);
            value.intoArray(y, at);
            flaw = value.fma(zero, flaw);
        }
        boolean finite = flaw.compare(EQ, 0).allTrue();
        for (; at < to; at++) {
            double distance = x[at] - center[channel];
            y[at] = Math.fma(distance, scale[channel], shift[channel]);
            finite &= Double.isFinite(y[at]);
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
