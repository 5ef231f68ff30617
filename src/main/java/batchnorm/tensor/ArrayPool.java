package batchnorm.tensor;

import java.lang.ref.WeakReference;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Arrays that nobody reads any more, for whoever needs one of the same length next, as in
/// PyTorch's allocator. A new array is zeroed, in memory that no cache holds: that takes as long as
/// to normalize it.
///
/// What waits here is garbage nevertheless: the collector takes it when it wants memory.
///
/// @param <A> a type of array
public final class ArrayPool<A> {
    public static final ArrayPool<float[]> FLOATS =
            new ArrayPool<>(float[]::new, array -> array.length);

    public static final ArrayPool<double[]> DOUBLES =
            new ArrayPool<>(double[]::new, array -> array.length);

    /// Shorter arrays are made as fast as they are found.
    static final int SHORTEST = 1 << 12;

    /// Places of arrays, a power of two.
    private static final int PLACES = 64;

    /// Adjacent places where an array of some length may be.
    private static final int CHOICES = 8;

    private static final class Free<A> extends WeakReference<A> {
        private final int length;

        Free(A array, int length) {
            super(array);
            this.length = length;
        }
    }

    private final AtomicReferenceArray<@Nullable Free<A>> places =
            new AtomicReferenceArray<>(PLACES);

    private final IntFunction<A> make;
    private final ToIntFunction<A> length;

    public ArrayPool(IntFunction<A> make, ToIntFunction<A> length) {
        this.make = make;
        this.length = length;
    }

    /// An array for whoever writes all of it: until then it holds anything.
    public A acquire(int wanted) {
        return acquire(wanted, wanted);
    }

    /// The same, but a new one is only as long as somebody is trusted to fill it.
    public A acquire(int wanted, int trusted) {
        A found = poll(wanted);
        return found == null ? make.apply(trusted) : found;
    }

    @Nullable A poll(int wanted) {
        if (wanted < SHORTEST) {
            return null;
        }
        for (int choice = 0; choice < CHOICES; choice++) {
            int place = place(wanted, choice);
            Free<A> free = places.get(place);
            if (free != null && free.length == wanted && places.compareAndSet(place, free, null)) {
                A array = free.get();
                if (array != null) {
                    return array;
                }
            }
        }
        return null;
    }

    /// Takes an array over from who held it alone.
    ///
    /// @throws IllegalStateException when it waits here already: two would hold it
    public void release(A array) {
        int size = length.applyAsInt(array);
        if (size < SHORTEST) {
            return;
        }
        Free<A> released = new Free<>(array, size);
        for (int choice = 0; choice < CHOICES; choice++) {
            int place = place(size, choice);
            Free<A> there = places.get(place);
            if (there != null && there.refersTo(array)) {
                throw new IllegalStateException("an array was released twice");
            }
            if ((there == null || there.refersTo(null))
                    && places.compareAndSet(place, there, released)) {
                return;
            }
        }
        // Lengths that nobody asks for any more must not stay in the way.
        places.set(place(size, ThreadLocalRandom.current().nextInt(CHOICES)), released);
    }

    /// Neighbours of different lengths begin far apart.
    private static int place(int length, int choice) {
        return (length * 0x9E3779B9 >>> 26) + choice & PLACES - 1;
    }
}
