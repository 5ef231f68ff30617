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

/// `Σdy` and `Σdy·(x-center)`.
record FloatGradientSums(float[] dy, float[] x, double[] center, ChannelLayout layout)
        implements BlockReduction.Loops {

    @Override
    public void center(Block block, int first, int end, double[] centers, int at) {
        System.arraycopy(center, first, centers, at, end - first);
    }

    @Override
    public void along(Block block, int start, int lane, double center, Accumulators sums) {
        int stride = layout.stride();
        DoubleVector middle = DoubleVector.broadcast(DOUBLES, center);
        DoubleVector sum0 = DoubleVector.zero(DOUBLES);
        DoubleVector sum1 = sum0;
        DoubleVector product0 = sum0;
        DoubleVector product1 = sum0;
        int rest = block.rest();
        VectorMask<Float> rest0 = HALVES.indexInRange(lane, rest);
        VectorMask<Float> rest1 = HALVES.indexInRange(lane + HALF, rest);
        VectorMask<Double> here0 = DOUBLES.indexInRange(lane, rest);
        VectorMask<Double> here1 = DOUBLES.indexInRange(lane + HALF, rest);
        for (int plane = 0; plane < block.planes(); plane++) {
            int from = start + plane * stride;
            int to = from + block.whole();
            for (int at = from + lane; at < to; at += Blocks.ACCUMULATORS) {
                var dy0 = (DoubleVector) fromArray(HALVES, dy, at).castShape(DOUBLES, 0);
                var dy1 = (DoubleVector) fromArray(HALVES, dy, at + HALF).castShape(DOUBLES, 0);
                sum0 = sum0.add(dy0);
                sum1 = sum1.add(dy1);
                var x0 = (DoubleVector) fromArray(HALVES, x, at).castShape(DOUBLES, 0);
                product0 = dy0.fma(x0.sub(middle), product0);
                var x1 = (DoubleVector) fromArray(HALVES, x, at + HALF).castShape(DOUBLES, 0);
                product1 = dy1.fma(x1.sub(middle), product1);
            }
            if (lane < rest) {
                int at = to + lane;
                DoubleVector dy0 =
                        (DoubleVector) fromArray(HALVES, dy, at, rest0).castShape(DOUBLES, 0);
                sum0 = sum0.add(dy0);
                DoubleVector x0 =
                        (DoubleVector) fromArray(HALVES, x, at, rest0).castShape(DOUBLES, 0);
                product0 = dy0.fma(x0.sub(middle, here0), product0);
            }
            if (lane + HALF < rest) {
                int at = to + lane;
                DoubleVector dy1 =
                        (DoubleVector)
                                fromArray(HALVES, dy, at + HALF, rest1).castShape(DOUBLES, 0);
                sum1 = sum1.add(dy1);
                DoubleVector x1 =
                        (DoubleVector) fromArray(HALVES, x, at + HALF, rest1).castShape(DOUBLES, 0);
                product1 = dy1.fma(x1.sub(middle, here1), product1);
            }
        }
        sum0.add(sum1).intoArray(sums.first, lane);
        product0.add(product1).intoArray(sums.second, lane);
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
            DoubleVector product = fromArray(DOUBLES, sums.second, from + column);
            int at = start + column;
            var dy0 = (DoubleVector) fromArray(HALVES, dy, at).castShape(DOUBLES, 0);
            var dy1 = (DoubleVector) fromArray(HALVES, dy, at + stride).castShape(DOUBLES, 0);
            var dy2 = (DoubleVector) fromArray(HALVES, dy, at + 2 * stride).castShape(DOUBLES, 0);
            var dy3 = (DoubleVector) fromArray(HALVES, dy, at + 3 * stride).castShape(DOUBLES, 0);
            var x0 = (DoubleVector) fromArray(HALVES, x, at).castShape(DOUBLES, 0);
            var x1 = (DoubleVector) fromArray(HALVES, x, at + stride).castShape(DOUBLES, 0);
            var x2 = (DoubleVector) fromArray(HALVES, x, at + 2 * stride).castShape(DOUBLES, 0);
            var x3 = (DoubleVector) fromArray(HALVES, x, at + 3 * stride).castShape(DOUBLES, 0);
            sum.add(dy0).add(dy1).add(dy2).add(dy3).intoArray(sums.first, from + column);
            product = dy1.fma(x1.sub(center), dy0.fma(x0.sub(center), product));
            product = dy3.fma(x3.sub(center), dy2.fma(x2.sub(center), product));
            product.intoArray(sums.second, from + column);
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
            var gradient =
                    (DoubleVector) fromArray(HALVES, dy, start + column).castShape(DOUBLES, 0);
            var value = (DoubleVector) fromArray(HALVES, x, start + column).castShape(DOUBLES, 0);
            DoubleVector d = value.sub(fromArray(DOUBLES, sums.center, from + column));
            DoubleVector product = fromArray(DOUBLES, sums.second, from + column);
            fromArray(DOUBLES, sums.first, from + column)
                    .add(gradient)
                    .intoArray(sums.first, from + column);
            gradient.fma(d, product).intoArray(sums.second, from + column);
        }
        restOfRow(start, column, sums);
    }

    private void restOfRow(int start, int done, Columns sums) {
        int from = sums.from;
        for (int column = done; column < sums.width(); column++) {
            double d = x[start + column] - sums.center[from + column];
            sums.first[from + column] += dy[start + column];
            sums.second[from + column] =
                    Math.fma(dy[start + column], d, sums.second[from + column]);
        }
    }
}
