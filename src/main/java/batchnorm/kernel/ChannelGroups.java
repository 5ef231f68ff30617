package batchnorm.kernel;

import batchnorm.tensor.ChannelLayout;

/// Groups of adjacent channels, small enough that a second pass finds the data of the first in the
/// core's cache. Useful only for long planes: otherwise the columns of a group are too narrow.
final class ChannelGroups {
    /// At most half of the second-level cache of current cores.
    private static final int BYTES = 1 << 19;

    /// The minimum number of groups, so that cores finish at about the same time.
    private static final int GROUPS = 16;

    /// A pass over the channels `[first, end)`, on any thread.
    interface Pass {
        /// @return whether all outputs are finite
        boolean over(int first, int end);
    }

    private final int channels;
    private final int size;
    private final boolean useful;

    /// @param width the bytes per element that both passes read
    ChannelGroups(ChannelLayout layout, int width) {
        long bytes = (long) width * layout.outer() * layout.inner();
        this.channels = layout.channels();
        int most = Math.max(1, channels / GROUPS);
        this.size = Math.clamp(BYTES / Math.max(1, bytes), 1, most);
        this.useful = !Blocks.areColumns(layout) && bytes <= 2 * BYTES;
    }

    /// Returns whether passes benefit from groups.
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
