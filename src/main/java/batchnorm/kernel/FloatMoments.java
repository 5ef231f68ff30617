package batchnorm.kernel;

import static batchnorm.kernel.Accumulators.HALF;
import static batchnorm.kernel.Lanes.COUNT;
import static batchnorm.kernel.Lanes.DOUBLES;
import static batchnorm.kernel.Lanes.HALVES;
import static jdk.incubator.vector.DoubleVector.fromArray;
import static jdk.incubator.vector.FloatVector.fromArray;

import batchnorm.kernel.Blocks.Block;
import batchnorm.tensor.ChannelLayout;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/// `Σd` and `Σd²` of `d = x - center`.
record FloatMoments(float[] x, ChannelLayout layout) implements BlockReduction.Loops {

    @Override
    public void center(Block block, int first, int end, double[] centers, int at) {
        int inner = layout.inner();
        int start = block.start() + first * inner;
        for (int channel = 0; channel < end - first; channel++) {
            centers[at + channel] = x[start + channel * inner];
        }
    }

    @Override
    public void along(Block block, int start, int lane, double center, Accumulators sums) {
        int stride = layout.stride();
        DoubleVector middle = DoubleVector.broadcast(DOUBLES, center);
        DoubleVector sum0 = DoubleVector.zero(DOUBLES);
        DoubleVector sum1 = sum0;
        DoubleVector square0 = sum0;
        DoubleVector square1 = sum0;
        int rest = block.rest();
        VectorMask<Float> rest0 = HALVES.indexInRange(lane, rest);
        VectorMask<Float> rest1 = HALVES.indexInRange(lane + HALF, rest);
        VectorMask<Double> here0 = DOUBLES.indexInRange(lane, rest);
        VectorMask<Double> here1 = DOUBLES.indexInRange(lane + HALF, rest);
        for (int plane = 0; plane < block.planes(); plane++) {
            int from = start + plane * stride;
            int to = from + block.whole();
            for (int at = from + lane; at < to; at += Blocks.ACCUMULATORS) {
                var x0 = (DoubleVector) fromArray(HALVES, x, at).castShape(DOUBLES, 0);
                DoubleVector d0 = x0.sub(middle);
                var x1 = (DoubleVector) fromArray(HALVES, x, at + HALF).castShape(DOUBLES, 0);
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
                sum0 = sum0.add(d0);
                square0 = d0.fma(d0, square0);
            }
            if (lane + HALF < rest) {
                int at = to + lane;
                DoubleVector x1 =
                        (DoubleVector) fromArray(HALVES, x, at + HALF, rest1).castShape(DOUBLES, 0);
                DoubleVector d1 = x1.sub(middle, here1);
                sum1 = sum1.add(d1);
                square1 = d1.fma(d1, square1);
            }
        }
        sum0.add(sum1).intoArray(sums.first, lane);
        square0.add(square1).intoArray(sums.second, lane);
    }

    @Override
    public void fourRows(int start, Columns sums) {
        int stride = layout.stride();
        int from = sums.from;
        int column = 0;
        int bound = DOUBLES.loopBound(sums.width());
        for (; column < bound; column += COUNT) {
            DoubleVector center = fromArray(DOUBLES, sums.center, from + column);
            DoubleVector sum = fromArray(DOUBLES, sums.first, from + column);
            DoubleVector square = fromArray(DOUBLES, sums.second, from + column);
            int at = start + column;
            var x0 = (DoubleVector) fromArray(HALVES, x, at).castShape(DOUBLES, 0);
            var x1 = (DoubleVector) fromArray(HALVES, x, at + stride).castShape(DOUBLES, 0);
            var x2 = (DoubleVector) fromArray(HALVES, x, at + 2 * stride).castShape(DOUBLES, 0);
            var x3 = (DoubleVector) fromArray(HALVES, x, at + 3 * stride).castShape(DOUBLES, 0);
            DoubleVector d0 = x0.sub(center);
            DoubleVector d1 = x1.sub(center);
            DoubleVector d2 = x2.sub(center);
            DoubleVector d3 = x3.sub(center);
            sum.add(d0).add(d1).add(d2).add(d3).intoArray(sums.first, from + column);
            square = d1.fma(d1, d0.fma(d0, square));
            square = d3.fma(d3, d2.fma(d2, square));
            square.intoArray(sums.second, from + column);
        }
        for (int row = 0; row < 4; row++) {
            restOfRow(start + row * stride, column, sums);
        }
    }

    @Override
    public void oneRow(int start, Columns sums) {
        int from = sums.from;
        int column = 0;
        int bound = DOUBLES.loopBound(sums.width());
        for (; column < bound; column += COUNT) {
            var value = (DoubleVector) fromArray(HALVES, x, start + column).castShape(DOUBLES, 0);
            DoubleVector d = value.sub(fromArray(DOUBLES, sums.center, from + column));
            DoubleVector square = fromArray(DOUBLES, sums.second, from + column);
            fromArray(DOUBLES, sums.first, from + column)
                    .add(d)
                    .intoArray(sums.first, from + column);
            d.fma(d, square).intoArray(sums.second, from + column);
        }
        restOfRow(start, column, sums);
    }

    private void restOfRow(int start, int done, Columns sums) {
        int from = sums.from;
        for (int column = done; column < sums.width(); column++) {
            double d = x[start + column] - sums.center[from + column];
            sums.first[from + column] += d;
            sums.second[from + column] = Math.fma(d, d, sums.second[from + column]);
        }
    }
}
