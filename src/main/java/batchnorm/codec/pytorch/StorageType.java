package batchnorm.codec.pytorch;

import batchnorm.tensor.DataType;
import org.jspecify.annotations.Nullable;

/// The element types of PyTorch's storages, by the names of their classes. Unsupported types have a
/// size, so that their tensors can be skipped.
enum StorageType {
    DOUBLE(8, DataType.FP64),
    FLOAT(4, DataType.FP32),
    HALF(2, DataType.FP16),
    BFLOAT16(2, DataType.BF16),
    LONG(8, true),
    INT(4, true),
    SHORT(2, true),
    CHAR(1, true),
    BYTE(1, true),
    BOOL(1, false),
    COMPLEX_DOUBLE(16, false),
    COMPLEX_FLOAT(8, false),
    Q_INT8(1, false),
    Q_U_INT8(1, false),
    Q_INT32(4, false);

    private static final String SUFFIX = "Storage";

    private final int bytes;
    private final @Nullable DataType dataType;
    private final boolean integer;

    StorageType(int bytes, DataType dataType) {
        this.bytes = bytes;
        this.dataType = dataType;
        this.integer = false;
    }

    StorageType(int bytes, boolean integer) {
        this.bytes = bytes;
        this.dataType = null;
        this.integer = integer;
    }

    /// Returns the type of a class such as `FloatStorage`, or null if it is unknown.
    static @Nullable StorageType parse(String className) {
        for (StorageType type : values()) {
            if ((type.name().replace("_", "") + SUFFIX).equalsIgnoreCase(className)) {
                return type;
            }
        }
        return null;
    }

    /// Returns the bytes of one element.
    int bytes() {
        return bytes;
    }

    /// Returns the datatype of floats; null for other elements.
    @Nullable DataType dataType() {
        return dataType;
    }

    boolean isInteger() {
        return integer;
    }

    boolean isSigned() {
        return this != BYTE;
    }
}
