package batchnorm.tensor;

import java.lang.ref.WeakReference;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// A pool of released arrays, reused for requests of the same length, as in PyTorch's allocator. A
/// new array is zeroed in uncached memory, at the cost of normalizing it.
///
/// Pooled arrays are weakly reachable: the garbage collector may reclaim them.
///
/// @param <A> a type of array
public final class ArrayPool<A> {
    public static final ArrayPool<float[]> FLOATS =
            new ArrayPool<>(float[]::new, array -> array.length);

    public static final ArrayPool<double[]> DOUBLES =
            new ArrayPool<>(double[]::new, array -> array.length);

    /// Shorter arrays are allocated as fast as they are found.
    static final int SHORTEST = 1 << 12;

    /// The number of slots, a power of two.
    private static final int PLACES = 64;

    /// The number of adjacent slots that may hold an array of a given length.
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

    /// Acquires an array with arbitrary contents; the caller must write all elements.
    public A acquire(int length) {
        return acquire(length, length);
    }

    /// Acquires an array; a new one has only `trusted` elements.
    public A acquire(int length, int trusted) {
        A found = poll(length);
        return found == null ? make.apply(trusted) : found;
    }

    @Nullable A poll(int length) {
        if (length < SHORTEST) {
            return null;
        }
        for (int choice = 0; choice < CHOICES; choice++) {
            int place = place(length, choice);
            Free<A> free = places.get(place);
            if (free != null && free.length == length && places.compareAndSet(place, free, null)) {
                A array = free.get();
                if (array != null) {
                    return array;
                }
            }
        }
        return null;
    }

    /// Releases an array. The caller must be its only holder.
    ///
    /// @throws IllegalStateException when the array is already in the pool
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
        // Evicts a random slot: lengths no longer in use must not block the pool.
        places.set(place(size, ThreadLocalRandom.current().nextInt(CHOICES)), released);
    }

    /// Returns a slot; adjacent lengths start far apart.
    private static int place(int length, int choice) {
        return (length * 0x9E3779B9 >>> 26) + choice & PLACES - 1;
    }
}
