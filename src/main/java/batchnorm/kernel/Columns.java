package batchnorm.kernel;

import java.util.Arrays;

/// Two sums over the values of one block for each column of adjacent channels. A channel's `inner`
/// columns (at most 16) are its first `inner` accumulators; the others stay 0. A channel with one
/// column has its sums in the block's own arrays.
final class Columns {
    /// The values measured from, and the sums, each from [#from] on.
    final double[] center;

    final double[] first;
    final double[] second;
    final int from;

    private final BlockSums sums;
    private final int at;
    private final int inner;
    private final int width;

    /// @param at the index in `sums` of the first channel and its center
    Columns(BlockSums sums, int at, int channels, int inner) {
        this.sums = sums;
        this.at = at;
        this.inner = inner;
        this.width = channels * inner;
        if (inner == 1) {
            this.center = sums.center;
            this.first = sums.first;
            this.second = sums.second;
            this.from = at;
            return;
        }
        this.center = new double[width];
        this.first = new double[width];
        this.second = new double[width];
        this.from = 0;
        for (int column = 0; column < width; column += inner) {
            Arrays.fill(center, column, column + inner, sums.center[at + column / inner]);
        }
    }

    int width() {
        return width;
    }

    /// Stores the totals of the channels in the block.
    void total() {
        if (inner == 1) {
            return;
        }
        Accumulators parts = new Accumulators();
        for (int column = 0; column < width; column += inner) {
            System.arraycopy(first, column, parts.first, 0, inner);
            System.arraycopy(second, column, parts.second, 0, inner);
            sums.first[at + column / inner] = Accumulators.total(parts.first);
            sums.second[at + column / inner] = Accumulators.total(parts.second);
        }
    }
}
