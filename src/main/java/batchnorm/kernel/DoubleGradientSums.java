package batchnorm.kernel;

import static batchnorm.kernel.Accumulators.HALF;
import static batchnorm.kernel.Lanes.COUNT;
import static batchnorm.kernel.Lanes.DOUBLES;
import static jdk.incubator.vector.DoubleVector.fromArray;

import batchnorm.kernel.Blocks.Block;
import batchnorm.tensor.ChannelLayout;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/// `Σdy` and `Σdy·(x-center)`.
record DoubleGradientSums(double[] dy, double[] x, double[] center, ChannelLayout layout)
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
        VectorMask<Double> rest0 = DOUBLES.indexInRange(lane, rest);
        VectorMask<Double> rest1 = DOUBLES.indexInRange(lane + HALF, rest);
        for (int plane = 0; plane < block.planes(); plane++) {
            int from = start + plane * stride;
            int to = from + block.whole();
            for (int at = from + lane; at < to; at += Blocks.ACCUMULATORS) {
                DoubleVector dy0 = fromArray(DOUBLES, dy, at);
                DoubleVector dy1 = fromArray(DOUBLES, dy, at + HALF);
                sum0 = sum0.add(dy0);
                sum1 = sum1.add(dy1);
                product0 = dy0.fma(fromArray(DOUBLES, x, at).sub(middle), product0);
                product1 = dy1.fma(fromArray(DOUBLES, x, at + HALF).sub(middle), product1);
            }
            if (lane < rest) {
                int at = to + lane;
                DoubleVector dy0 = fromArray(DOUBLES, dy, at, rest0);
                sum0 = sum0.add(dy0);
                DoubleVector x0 = fromArray(DOUBLES, x, at, rest0);
                product0 = dy0.fma(x0.sub(middle, rest0), product0);
            }
            if (lane + HALF < rest) {
                int at = to + lane;
                DoubleVector dy1 = fromArray(DOUBLES, dy, at + HALF, rest1);
                sum1 = sum1.add(dy1);
                DoubleVector x1 = fromArray(DOUBLES, x, at + HALF, rest1);
                product1 = dy1.fma(x1.sub(middle, rest1), product1);
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
            DoubleVector dy0 = fromArray(DOUBLES, dy, at);
            DoubleVector dy1 = fromArray(DOUBLES, dy, at + stride);
            DoubleVector dy2 = fromArray(DOUBLES, dy, at + 2 * stride);
            DoubleVector dy3 = fromArray(DOUBLES, dy, at + 3 * stride);
            DoubleVector x0 = fromArray(DOUBLES, x, at);
            DoubleVector x1 = fromArray(DOUBLES, x, at + stride);
            DoubleVector x2 = fromArray(DOUBLES, x, at + 2 * stride);
            DoubleVector x3 = fromArray(DOUBLES, x, at + 3 * stride);
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
            DoubleVector gradient = fromArray(DOUBLES, dy, start + column);
            DoubleVector value = fromArray(DOUBLES, x, start + column);
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
