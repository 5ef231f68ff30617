package batchnorm.kernel;

import static batchnorm.kernel.Lanes.DOUBLES;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/// `y = (x - center)·scale + shift`.
record DoubleNormalization(double[] x, double[] center, double[] scale, double[] shift, double[] y)
        implements Outputs.Loops {

    private static final int COUNT = DOUBLES.length();

    @Override
    public boolean along(int from, int runs, int length, int first) {
        VectorMask<Double> rest = DOUBLES.indexInRange(0, length % COUNT);
        DoubleVector zero = DoubleVector.zero(DOUBLES);
        DoubleVector flaw = zero;
        int channel = first;
        int at = from;
        for (int run = 0; run < runs; run++) {
            DoubleVector middle = broadcast(DOUBLES, center[channel]);
            DoubleVector factor = broadcast(DOUBLES, scale[channel]);
            DoubleVector addend = broadcast(DOUBLES, shift[channel]);
            int end = at + length;
            for (; at + COUNT <= end; at += COUNT) {
                DoubleVector distance = fromArray(DOUBLES, x, at).sub(middle);
                DoubleVector value = distance.fma(factor, addend);
                value.intoArray(y, at);
                flaw = value.fma(zero, flaw);
            }
            if (at < end) {
                DoubleVector distance = fromArray(DOUBLES, x, at, rest).sub(middle);
                DoubleVector value = distance.fma(factor, addend);
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
