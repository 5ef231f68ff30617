package batchnorm.diagnosis;

import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The division of a tensor's elements into groups that share a mean and a variance: some axes are
/// reduced, the others are kept.
final class Grouping {
    /// Beyond it, only the usual subsets of axes are considered.
    private static final int MOST_FREE_AXES = 5;

    private static final String PER_ACTIVATION = "per activation, over the batch axis alone";

    private final String name;
    private final List<Integer> reduced;
    private final int[] sizes;
    private final boolean[] kept;
    private final int groups;
    private final int count;
    private int @Nullable [] ids;

    private Grouping(String name, List<Integer> reduced, int[] sizes, boolean[] kept) {
        this.name = name;
        this.reduced = reduced;
        int[] merged = new int[sizes.length];
        boolean[] keeps = new boolean[sizes.length];
        int length = 0;
        for (int axis = 0; axis < sizes.length; axis++) {
            if (sizes[axis] == 1) {
                continue;
            }
            if (length > 0 && keeps[length - 1] == kept[axis]) {
                merged[length - 1] *= sizes[axis];
            } else {
                merged[length] = sizes[axis];
                keeps[length++] = kept[axis];
            }
        }
        this.sizes = Arrays.copyOf(merged, length);
        this.kept = Arrays.copyOf(keeps, length);
        groups = product(true);
        count = product(false);
    }

    private int product(boolean ofKept) {
        int product = 1;
        for (int block = 0; block < sizes.length; block++) {
            product *= kept[block] == ofKept ? sizes[block] : 1;
        }
        return product;
    }

    /// Returns the channels of a layout.
    static Grouping of(ChannelLayout layout, Shape shape) {
        for (int axis = 0; axis < shape.rank(); axis++) {
            Grouping candidate =
                    ofAxes(shape, new int[] {axis}, "batch normalization over axis " + axis);
            if (candidate.matches(layout)) {
                return candidate;
            }
        }
        return ofAxes(shape, IntStream.range(1, shape.rank()).toArray(), PER_ACTIVATION);
    }

    private boolean matches(ChannelLayout layout) {
        Grouping other =
                new Grouping(
                        name,
                        reduced,
                        new int[] {layout.outer(), layout.channels(), layout.inner()},
                        new boolean[] {false, true, false});
        return sameAs(other);
    }

    /// Returns every other usual division, the simplest first.
    static List<Grouping> others(Shape shape, List<Grouping> expected) {
        List<Grouping> all = new ArrayList<>();
        int rank = shape.rank();
        int last = rank - 1;
        add(all, expected, ofAxes(shape, new int[] {1}, "batch normalization over axis 1"));
        add(
                all,
                expected,
                ofAxes(shape, new int[] {last}, "batch normalization over the last axis"));
        add(all, expected, ofAxes(shape, new int[] {0}, "layer normalization, per sample"));
        add(all, expected, ofAxes(shape, new int[0], "one mean of the whole tensor"));
        int[] features = IntStream.range(1, rank).toArray();
        add(all, expected, ofAxes(shape, features, PER_ACTIVATION));
        add(all, expected, ofAxes(shape, new int[] {0, 1}, "instance normalization"));
        add(
                all,
                expected,
                ofAxes(shape, new int[] {0, last}, "instance normalization, channels last"));
        int[] rows = IntStream.range(0, last).toArray();
        add(all, expected, ofAxes(shape, rows, "layer normalization over the last axis"));
        for (int axis = 0; axis < rank; axis++) {
            add(all, expected, ofAxes(shape, new int[] {axis}, "per index of axis " + axis));
        }
        if (rank <= MOST_FREE_AXES) {
            for (int set = 0; set < (1 << rank) - 1; set++) {
                int subset = set;
                int[] axes = IntStream.range(0, rank).filter(a -> (subset >> a & 1) == 1).toArray();
                add(all, expected, ofAxes(shape, axes, "an unusual choice of axes"));
            }
        }
        addGroups(all, expected, shape, 1);
        addGroups(all, expected, shape, last);
        return all;
    }

    private static void addGroups(
            List<Grouping> all, List<Grouping> expected, Shape shape, int axis) {
        int channels = shape.dimension(axis);
        for (int each = 2; each < channels; each++) {
            if (channels % each != 0) {
                continue;
            }
            int[] sizes = new int[shape.rank() + 1];
            boolean[] kept = new boolean[sizes.length];
            for (int a = 0; a < shape.rank(); a++) {
                sizes[a <= axis ? a : a + 1] = shape.dimension(a);
            }
            sizes[axis] = channels / each;
            sizes[axis + 1] = each;
            kept[0] = true;
            kept[axis] = true;
            List<Integer> reduced = IntStream.range(1, shape.rank()).boxed().toList();
            String name = "group normalization with " + channels / each + " groups";
            add(all, expected, new Grouping(name, reduced, sizes, kept));
        }
    }

    private static void add(List<Grouping> all, List<Grouping> expected, Grouping grouping) {
        if (grouping.count > 1
                && all.stream().noneMatch(grouping::sameAs)
                && expected.stream().noneMatch(grouping::sameAs)) {
            all.add(grouping);
        }
    }

    private static Grouping ofAxes(Shape shape, int[] keptAxes, String name) {
        boolean[] kept = new boolean[shape.rank()];
        for (int axis : keptAxes) {
            kept[axis] = true;
        }
        List<Integer> reduced =
                IntStream.range(0, shape.rank()).filter(axis -> !kept[axis]).boxed().toList();
        return new Grouping(name, reduced, shape.toArray(), kept);
    }

    private boolean sameAs(Grouping other) {
        return Arrays.equals(sizes, other.sizes) && Arrays.equals(kept, other.kept);
    }

    /// Returns the usual name of a normalization over these groups.
    String name() {
        return name;
    }

    List<Integer> reduced() {
        return reduced;
    }

    int groups() {
        return groups;
    }

    /// Returns the number of elements of each group.
    int count() {
        return count;
    }

    /// Returns the group of an element, given its index in row-major order.
    int groupOf(int index) {
        if (ids != null) {
            return ids[index];
        }
        int group = 0;
        int rest = index;
        int stride = 1;
        for (int block = sizes.length - 1; block >= 0; block--) {
            if (kept[block]) {
                group += rest % sizes[block] * stride;
                stride *= sizes[block];
            }
            rest /= sizes[block];
        }
        return group;
    }

    /// Returns the groups of all elements.
    int[] ids() {
        if (ids == null) {
            int[] all = {0};
            int stride = 1;
            for (int block = sizes.length - 1; block >= 0; block--) {
                int[] wider = new int[all.length * sizes[block]];
                int step = kept[block] ? stride : 0;
                for (int k = 0, at = 0; k < sizes[block]; k++) {
                    for (int id : all) {
                        wider[at++] = id + k * step;
                    }
                }
                stride *= kept[block] ? sizes[block] : 1;
                all = wider;
            }
            ids = all;
        }
        return ids;
    }

    /// Adds each value to the sum of its group.
    void addUp(double[] values, double[] sums) {
        int[] ids = ids();
        int run = run();
        for (int at = 0; at < values.length; at += run) {
            int group = ids[at];
            if (kept[kept.length - 1]) {
                for (int k = 0; k < run; k++) {
                    sums[group + k] += values[at + k];
                }
            } else {
                double sum = sums[group];
                for (int k = 0; k < run; k++) {
                    sum += values[at + k];
                }
                sums[group] = sum;
            }
        }
    }

    /// Adds the deviation of each value from its group's center, and its square.
    void addUpDeviations(double[] values, double[] centers, double[] sums, double[] squares) {
        int[] ids = ids();
        int run = run();
        for (int at = 0; at < values.length; at += run) {
            int group = ids[at];
            if (kept[kept.length - 1]) {
                for (int k = 0; k < run; k++) {
                    double deviation = values[at + k] - centers[group + k];
                    sums[group + k] += deviation;
                    squares[group + k] += deviation * deviation;
                }
            } else {
                double center = centers[group];
                double sum = sums[group];
                double square = squares[group];
                for (int k = 0; k < run; k++) {
                    double deviation = values[at + k] - center;
                    sum += deviation;
                    square += deviation * deviation;
                }
                sums[group] = sum;
                squares[group] = square;
            }
        }
    }

    /// Returns the length of the stretches of elements that are of one group, or of consecutive
    /// groups.
    private int run() {
        return sizes.length == 0 ? 1 : sizes[sizes.length - 1];
    }

    /// Returns the indices of a group's elements, in order.
    int[] members(int group) {
        int[] all = {0};
        int rest = group;
        int stride = 1;
        for (int block = sizes.length - 1; block >= 0; block--) {
            if (kept[block]) {
                int offset = rest % sizes[block] * stride;
                for (int i = 0; i < all.length; i++) {
                    all[i] += offset;
                }
                rest /= sizes[block];
            } else {
                int[] wider = new int[all.length * sizes[block]];
                for (int k = 0, at = 0; k < sizes[block]; k++) {
                    for (int index : all) {
                        wider[at++] = index + k * stride;
                    }
                }
                all = wider;
            }
            stride *= sizes[block];
        }
        return all;
    }
}
