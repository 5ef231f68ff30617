package batchnorm.codec.safetensors;

import batchnorm.tensor.DataType;
import org.jspecify.annotations.Nullable;

/// The element types of safetensors, by their names. Unsupported types have a size, so that their
/// tensors can be skipped.
enum StoredType {
    F64(64, DataType.FP64),
    F32(32, DataType.FP32),
    F16(16, DataType.FP16),
    BF16(16, DataType.BF16),
    I64(64, true),
    BOOL(8),
    C64(64),
    U64(64, true),
    I32(32, true),
    U32(32, true),
    I16(16, true),
    U16(16, true),
    I8(8, true),
    U8(8, true),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    F6_E2M3(6),
    F6_E3M2(6),
    F4(4);

    private final int bits;
    private final @Nullable DataType dataType;
    private final boolean integer;

    StoredType(int bits) {
        this(bits, false);
    }

    StoredType(int bits, boolean integer) {
        this.bits = bits;
        this.dataType = null;
        this.integer = integer;
    }

    StoredType(int bits, DataType dataType) {
        this.bits = bits;
        this.dataType = dataType;
        this.integer = false;
    }

    /// Returns the bits of one element.
    int bits() {
        return bits;
    }

    /// Returns the datatype that stores its elements, or null if tensors of it are unsupported.
    @Nullable DataType dataType() {
        return dataType;
    }

    /// Returns the type of a name, or null if it is unknown, such as one of a later version of the
    /// format.
    static @Nullable StoredType parse(String dtype) {
        for (StoredType type : values()) {
            if (type.name().equals(dtype)) {
                return type;
            }
        }
        return null;
    }

    boolean isInteger() {
        return integer;
    }

    /// Returns whether it is a signed integer.
    boolean isSigned() {
        return integer && name().startsWith("I");
    }

    static StoredType of(DataType dataType) {
        return switch (dataType) {
            case FP64 -> F64;
            case FP32 -> F32;
            case FP16 -> F16;
            case BF16 -> BF16;
        };
    }
}
