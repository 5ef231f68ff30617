package batchnorm.kernel;

import static batchnorm.kernel.Lanes.COUNT;
import static batchnorm.kernel.Lanes.DOUBLES;
import static batchnorm.kernel.Lanes.HALVES;
import static jdk.incubator.vector.DoubleVector.fromArray;
import static jdk.incubator.vector.FloatVector.fromArray;

import batchnorm.kernel.Box.Block;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/// `Σd` and `Σd²` of `d = x - center`.
record FloatMoments(float[] x, int stride) implements Summation.Loops {

    @Override
    public void along(Block block, int start, int lane, double center, Accumulators sums) {
        DoubleVector middle = DoubleVector.broadcast(DOUBLES, center);
        DoubleVector sum0 = DoubleVector.zero(DOUBLES);
        DoubleVector sum1 = sum0;
        DoubleVector square0 = sum0;
        DoubleVector square1 = sum0;
        int rest = block.rest();
        VectorMask<Float> rest0 = HALVES.indexInRange(lane, rest);
        VectorMask<Float> rest1 = HALVES.indexInRange(lane + COUNT, rest);
        VectorMask<Double> here0 = DOUBLES.indexInRange(lane, rest);
        VectorMask<Double> here1 = DOUBLES.indexInRange(lane + COUNT, rest);
        for (int plane = 0; plane < block.planes(); plane++) {
            int from = start + plane * stride;
            int to = from + block.whole();
            for (int at = from + lane; at < to; at += Box.ACCUMULATORS) {
                var x0 = (DoubleVector) fromArray(HALVES, x, at).castShape(DOUBLES, 0);
                DoubleVector d0 = x0.sub(middle);
                var x1 = (DoubleVector) fromArray(HALVES, x, at + COUNT).castShape(DOUBLES, 0);
                DoubleVector d1 = x1.sub(middle);
                sum0 = sum0.add(d0);
                sum1 = sum1.add(d1);
                square0 = d0.fma(d0, square0);
                square1 = d1.fma(d1, square1);
            }
            if (lane < rest) {
                int at = to + lane;
                DoubleVector x0 =
                        (DoubleVector) fromArray(HALVES, x, at, rest0).castShape(DOUBLES, 0);
                DoubleVector d0 = x0.sub(middle, here0);
                DoubleVector x1 =
                        (DoubleVector)
                                fromArray(HALVES, x, at + COUNT, rest1).castShape(DOUBLES, 0);
                DoubleVector d1 = x1.sub(middle, here1);
                sum0 = sum0.add(d0);
                sum1 = sum1.add(d1);
                square0 = d0.fma(d0, square0);
                square1 = d1.fma(d1, square1);
            }
        }
        sum0.intoArray(sums.first, lane);
        sum1.intoArray(sums.first, lane + COUNT);
        square0.intoArray(sums.second, lane);
        square1.intoArray(sums.second, lane + COUNT);
    }

    @Override
    public void fourRows(int start, Columns sums) {
        int column = 0;
        for (; column + COUNT <= sums.width(); column += COUNT) {
            DoubleVector center = fromArray(DOUBLES, sums.center, column);
            DoubleVector sum = fromArray(DOUBLES, sums.first, column);
            DoubleVector square = fromArray(DOUBLES, sums.second, column);
            int at = start + column;
            var x0 = (DoubleVector) fromArray(HALVES, x, at).castShape(DOUBLES, 0);
            var x1 = (DoubleVector) fromArray(HALVES, x, at + stride).castShape(DOUBLES, 0);
            var x2 = (DoubleVector) fromArray(HALVES, x, at + 2 * stride).castShape(DOUBLES, 0);
            var x3 = (DoubleVector) fromArray(HALVES, x, at + 3 * stride).castShape(DOUBLES, 0);
            DoubleVector d0 = x0.sub(center);
            DoubleVector d1 = x1.sub(center);
            DoubleVector d2 = x2.sub(center);
            DoubleVector d3 = x3.sub(center);
            sum.add(d0).add(d1).add(d2).add(d3).intoArray(sums.first, column);
            square = d1.fma(d1, d0.fma(d0, square));
            square = d3.fma(d3, d2.fma(d2, square));
            square.intoArray(sums.second, column);
        }
        for (int row = 0; row < 4; row++) {
            restOfRow(start + row * stride, column, sums);
        }
    }

    @Override
    public void oneRow(int start, Columns sums) {
        int column = 0;
        for (; column + COUNT <= sums.width(); column += COUNT) {
            var value = (DoubleVector) fromArray(HALVES, x, start + column).castShape(DOUBLES, 0);
            DoubleVector d = value.sub(fromArray(DOUBLES, sums.center, column));
            DoubleVector square = fromArray(DOUBLES, sums.second, column);
            fromArray(DOUBLES, sums.first, column).add(d).intoArray(sums.first, column);
            d.fma(d, square).intoArray(sums.second, column);
        }
        restOfRow(start, column, sums);
    }

    private void restOfRow(int start, int from, Columns sums) {
        for (int column = from; column < sums.width(); column++) {
            double d = x[start + column] - sums.center[column];
            sums.first[column] += d;
            sums.second[column] = Math.fma(d, d, sums.second[column]);
        }
    }
}
