package batchnorm.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Vectors as little-endian binary64, bit for bit: a NaN keeps its payload, a zero its sign.
final class Vectors {
    private Vectors() {}

    static byte[] bytes(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES));
        bytes.order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(values);
        return bytes.array();
    }

    static double[] values(byte[] bytes) {
        double[] values = new double[bytes.length / Double.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
        return values;
    }

    static double @Nullable [] valuesOrNull(byte @Nullable [] bytes) {
        return bytes == null ? null : values(bytes);
    }
}
