package batchnorm.codec.json;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.codec.decimal.NumberScanner;
import batchnorm.tensor.ArrayPool;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Collects the numbers of one tensor as they arrive.
///
/// While the datatype is unknown, the numbers are kept as doubles. That is correct for FP64 but
/// rounds twice for narrower datatypes. A double rounding matters only where a double is the
/// midpoint of two narrower numbers. The builder also keeps the narrowable neighbour of those.
final class TensorBuilder {
    /// The elements allocated before any has arrived, regardless of the shape. More memory is
    /// allocated only as elements arrive.
    private static final int ON_TRUST = 1 << 16;

    /// From this size on, an array of unknown length doubles instead of quadrupling: unused memory
    /// counts, too.
    private static final int DOUBLING = 1 << 20;

    private final @Nullable DataType dataType;
    private final int expected;
    private final int limit;
    private final Codec.Memory memory;
    private int size;
    private float[] floats = {};
    private double[] doubles = {};

    /// The indices, in order, of doubles that cannot be narrowed, and their narrowable neighbours.
    private int[] halfwayPlaces = {};

    private double[] halfwayNeighbours = {};
    private int halfwayCount;

    /// @param dataType null while unknown
    /// @param expected the number of elements, or 0 while unknown
    TensorBuilder(@Nullable DataType dataType, int expected, Codec.Limits limits) {
        this(dataType, expected, limits.elements(), limits.memory());
    }

    private TensorBuilder(
            @Nullable DataType dataType, int expected, int limit, Codec.Memory memory) {
        this.dataType = dataType;
        this.expected = expected;
        this.limit = limit;
        this.memory = memory;
    }

    int size() {
        return size;
    }

    /// Returns the datatype in which the numbers must be finite.
    DataType dataType() {
        return dataType == null ? DataType.FP64 : dataType;
    }

    /// Appends the next number.
    ///
    /// @return whether it is in the range of its datatype
    boolean add(NumberReader numbers) throws IOException {
        double value = numbers.read();
        if (dataType == DataType.FP64) {
            append(value);
            return Double.isFinite(value);
        }
        double narrowable = numbers.narrowable(value);
        if (dataType != null) {
            float narrow =
                    dataType == DataType.FP32 ? (float) narrowable : dataType.narrow(narrowable);
            append(narrow);
            return Float.isFinite(narrow);
        }
        if (narrowable != value) {
            keepNeighbour(narrowable);
        }
        append(value);
        return Double.isFinite(value);
    }

    /// Appends numbers, each followed by a comma, while they are plain and fit the array.
    void addRun(NumberReader numbers) {
        if (dataType == DataType.FP32) {
            size = numbers.readRun(floats, size);
        } else if (dataType == null || dataType == DataType.FP64) {
            size = numbers.readRun(doubles, size, dataType == null);
        }
    }

    /// Returns whether enough numbers are expected to parse them on several cores.
    ///
    /// @param extent of the current array, or negative when unknown
    boolean expectsMany(int extent) {
        int most = extent < 0 ? expected - size : Math.min(expected - size, extent);
        return most >= NumberSegments.WORTHWHILE
                && (dataType == DataType.FP32 || dataType == DataType.FP64);
    }

    /// Returns a separate buffer of the same datatype that another thread fills.
    TensorBuilder apart(int capacity) {
        TensorBuilder apart = new TensorBuilder(dataType, 0, capacity, bytes -> {});
        if (dataType == DataType.FP32) {
            apart.floats = ArrayPool.FLOATS.acquire(capacity);
        } else {
            apart.doubles = ArrayPool.DOUBLES.acquire(capacity);
        }
        return apart;
    }

    /// Releases a buffer created by [#apart].
    void release() {
        if (dataType == DataType.FP32) {
            ArrayPool.FLOATS.release(floats);
        } else {
            ArrayPool.DOUBLES.release(doubles);
        }
    }

    /// Replaces the contents by plain numbers from the start of a buffer.
    ///
    /// @return the position of the first unread byte
    int readAgain(NumberScanner scanner, byte[] bytes, int from, int to) {
        size =
                dataType == DataType.FP32
                        ? scanner.run(bytes, from, to, floats, 0)
                        : scanner.run(bytes, from, to, doubles, 0, false);
        return scanner.position();
    }

    /// Appends all numbers of a separate buffer, unless they exceed the expected number.
    boolean addAll(TensorBuilder apart) {
        int end = size + apart.size;
        if (end > expected) {
            return false;
        }
        if (dataType == DataType.FP32) {
            floats = floats.length < end ? Arrays.copyOf(floats, counted(expected)) : floats;
            System.arraycopy(apart.floats, 0, floats, size, apart.size);
        } else {
            doubles = doubles.length < end ? Arrays.copyOf(doubles, counted(expected)) : doubles;
            System.arraycopy(apart.doubles, 0, doubles, size, apart.size);
        }
        size = end;
        return true;
    }

    /// Appends a value that every datatype has: a NaN, an infinity, 0 or 1.
    void addPlain(double value) {
        if (dataType == null || dataType == DataType.FP64) {
            append(value);
        } else {
            append((float) value);
        }
    }

    private void append(float value) {
        if (size == floats.length) {
            int capacity = grown();
            floats =
                    size == 0
                            ? ArrayPool.FLOATS.acquire(expected, capacity)
                            : Arrays.copyOf(floats, capacity);
            countRest(floats.length - capacity, Float.BYTES);
        }
        floats[size++] = value;
    }

    private void append(double value) {
        if (size == doubles.length) {
            int capacity = grown();
            doubles =
                    size == 0
                            ? ArrayPool.DOUBLES.acquire(expected, capacity)
                            : Arrays.copyOf(doubles, capacity);
            countRest(doubles.length - capacity, Double.BYTES);
        }
        doubles[size++] = value;
    }

    /// Counts the rest of a pooled array: it already has the length of the tensor.
    private void countRest(int elements, int width) {
        if (elements > 0) {
            memory.reserve((long) elements * width);
        }
    }

    private int grown() {
        if (size >= limit) {
            throw new BodyTooLarge("a tensor has more than " + limit + " elements");
        }
        if (size == 0) {
            return counted(Math.clamp(expected, Math.min(16, limit), ON_TRUST));
        }
        int most = size < expected ? expected : limit;
        return counted((int) Math.min((size < DOUBLING ? 4L : 2L) * size, most));
    }

    /// Counts a capacity before an array of that length is allocated.
    private int counted(int capacity) {
        boolean wide = dataType == null || dataType == DataType.FP64;
        int before = wide ? doubles.length : floats.length;
        memory.reserve((long) (capacity - before) * (wide ? Double.BYTES : Float.BYTES));
        return capacity;
    }

    private void keepNeighbour(double narrowable) {
        if (halfwayCount == halfwayPlaces.length) {
            int capacity = Math.max(4, 2 * halfwayCount);
            memory.reserve((capacity - halfwayCount) * (long) (Integer.BYTES + Double.BYTES));
            halfwayPlaces = Arrays.copyOf(halfwayPlaces, capacity);
            halfwayNeighbours = Arrays.copyOf(halfwayNeighbours, halfwayPlaces.length);
        }
        halfwayPlaces[halfwayCount] = size;
        halfwayNeighbours[halfwayCount++] = narrowable;
    }

    /// Returns all numbers as doubles, for FP64 or an unknown datatype.
    double[] toDoubles() {
        if (doubles.length == size) {
            return doubles;
        }
        memory.reserve((long) (size - doubles.length) * Double.BYTES);
        return Arrays.copyOf(doubles, size);
    }

    /// Returns the tensor once shape and datatype are known; the shape has [#size] elements.
    Tensor toTensor(Shape shape, DataType last) {
        if (last == DataType.FP64) {
            return Tensor.of(shape, toDoubles());
        }
        if (dataType != null) {
            return Tensor.of(
                    shape, last, floats.length == size ? floats : Arrays.copyOf(floats, size));
        }
        memory.reserve((long) size * Float.BYTES);
        float[] narrow = new float[size];
        for (int i = 0, next = 0; i < size; i++) {
            boolean halfway = next < halfwayCount && halfwayPlaces[next] == i;
            narrow[i] = last.narrow(halfway ? halfwayNeighbours[next++] : doubles[i]);
        }
        return Tensor.of(shape, last, narrow);
    }

    /// Returns the index of the first number that is finite here and infinite in the tensor, or -1.
    int firstOverflow(Tensor tensor) {
        for (int i = 0; dataType == null && i < size; i++) {
            if (Double.isInfinite(tensor.at(i)) && Double.isFinite(doubles[i])) {
                return i;
            }
        }
        return -1;
    }
}
