package batchnorm.kernel;

import batchnorm.tensor.ChannelLayout;

/// Groups of adjacent channels, so small that a second pass over a group finds in a core's cache
/// what the first has read. Only where planes are long: the columns of a group would be too narrow.
final class ChannelGroups {
    /// Half of the second-level cache of today's cores, or less.
    private static final int BYTES = 1 << 19;

    /// Groups there are at least, so that cores that share them end at about the same time.
    private static final int GROUPS = 16;

    /// What is done with the channels `[first, end)`, on any thread.
    interface Pass {
        /// @return whether its outputs are all finite
        boolean over(int first, int end);
    }

    private final int channels;
    private final int size;
    private final boolean useful;

    /// @param width bytes that both passes read of an element
    ChannelGroups(ChannelLayout layout, int width) {
        long bytes = (long) width * layout.outer() * layout.inner();
        this.channels = layout.channels();
        int most = Math.max(1, channels / GROUPS);
        this.size = Math.clamp(BYTES / Math.max(1, bytes), 1, most);
        this.useful = !Blocks.areColumns(layout) && bytes <= 2 * BYTES;
    }

    /// Whether passes gain from going by groups.
    boolean areUseful() {
        return useful;
    }

    /// @return whether all outputs are finite
    boolean all(WorkerPool cores, Pass pass) {
        return cores.all(
                Math.ceilDiv(channels, size),
                index -> pass.over(index * size, Math.min(channels, (index + 1) * size)));
    }
}
