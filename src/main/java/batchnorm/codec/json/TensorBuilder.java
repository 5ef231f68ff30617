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

/// The numbers of one tensor while they come in.
///
/// When the datatype is not told before the data, the numbers are kept as doubles, which is right
/// for FP64 but rounds twice for the narrower datatypes. That goes wrong only where a double lies
/// halfway between two narrower numbers, so there, and only there, the narrowable neighbour is kept
/// as well.
final class TensorBuilder {
    /// New memory for more elements than these is taken only when that many have come, whatever a
    /// shape claims.
    private static final int ON_TRUST = 1 << 16;

    /// Beyond so many elements an array of unknown length doubles, and no longer quadruples: the
    /// memory that it does not use counts too.
    private static final int DOUBLING = 1 << 20;

    private final @Nullable DataType dataType;
    private final int expected;
    private final int limit;
    private final Codec.Memory memory;
    private int size;
    private float[] floats = {};
    private double[] doubles = {};

    /// Places, in order, whose double is not good for narrowing, and the doubles that are.
    private int[] halfwayPlaces = {};

    private double[] halfwayNeighbours = {};
    private int halfwayCount;

    /// @param dataType null when not told yet
    /// @param expected how many will come, or 0 when not told yet
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

    /// The datatype in which the numbers must be finite now.
    DataType dataType() {
        return dataType == null ? DataType.FP64 : dataType;
    }

    /// Takes the next number in.
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

    /// Takes in the numbers, with a comma after each, for as long as they are plain and there is
    /// room.
    void addRun(NumberReader numbers) {
        if (dataType == DataType.FP32) {
            size = numbers.readRun(floats, size);
        } else if (dataType == null || dataType == DataType.FP64) {
            size = numbers.readRun(doubles, size, dataType == null);
        }
    }

    /// Whether so many more are expected that they are worth reading on several cores.
    ///
    /// @param extent of the array that is read, or negative when it is not known
    boolean expectsMany(int extent) {
        int most = extent < 0 ? expected - size : Math.min(expected - size, extent);
        return most >= NumberSegments.WORTHWHILE
                && (dataType == DataType.FP32 || dataType == DataType.FP64);
    }

    /// Room for numbers of the same datatype that are read apart.
    TensorBuilder apart(int capacity) {
        TensorBuilder apart = new TensorBuilder(dataType, 0, capacity, bytes -> {});
        if (dataType == DataType.FP32) {
            apart.floats = ArrayPool.FLOATS.acquire(capacity);
        } else {
            apart.doubles = ArrayPool.DOUBLES.acquire(capacity);
        }
        return apart;
    }

    /// Gives up the room for numbers that were read [#apart].
    void release() {
        if (dataType == DataType.FP32) {
            ArrayPool.FLOATS.release(floats);
        } else {
            ArrayPool.DOUBLES.release(doubles);
        }
    }

    /// Takes plain numbers in from the start of a buffer, after those that were there are gone.
    ///
    /// @return the place of the first byte that was left
    int readAgain(NumberScanner scanner, byte[] bytes, int from, int to) {
        size =
                dataType == DataType.FP32
                        ? scanner.run(bytes, from, to, floats, 0)
                        : scanner.run(bytes, from, to, doubles, 0, false);
        return scanner.position();
    }

    /// Takes all numbers in that were read apart, unless they are more than expected.
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

    /// Takes in a value that every datatype has: a NaN, an infinity, 0 or 1.
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

    /// An array that served before is as long as the tensor at once.
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

    /// Counts a capacity before an array of it is made.
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

    /// All numbers as doubles; of a datatype that is FP64, or was not told.
    double[] toDoubles() {
        if (doubles.length == size) {
            return doubles;
        }
        memory.reserve((long) (size - doubles.length) * Double.BYTES);
        return Arrays.copyOf(doubles, size);
    }

    /// The tensor, once shape and datatype are known; the shape holds [#size] elements.
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

    /// The place of the first number that is finite here and infinite in the tensor made of it; -1
    /// when there is none.
    int firstOverflow(Tensor tensor) {
        for (int i = 0; dataType == null && i < size; i++) {
            if (Double.isInfinite(tensor.at(i)) && Double.isFinite(doubles[i])) {
                return i;
            }
        }
        return -1;
    }
}
