package batchnorm.kernel;

/// `Σdy` and `Σdy·(x-center)` of a box, of all channels at once or of some after the others.
final class GradientSums {
    private final Box box;
    private final BlockSums blocks;
    private final BlockReduction summation;
    private final double[] sum;
    private final double[] product;

    /// @param sum where the results go, as to `product`
    GradientSums(Box box, BlockReduction.Loops loops, double[] sum, double[] product) {
        this.box = box;
        this.blocks = new BlockSums(box);
        this.summation = new BlockReduction(box, loops, blocks);
        this.sum = sum;
        this.product = product;
    }

    void all(WorkerPool cores) {
        summation.run(cores);
        blocks.add(0, box.channels(), sum, product);
    }

    /// Adds up the channels `[first, end)` on the caller's thread.
    void some(int first, int end) {
        summation.run(first, end);
        blocks.add(first, end, sum, product);
    }
}
