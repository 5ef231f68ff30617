package batchnorm.codec.binary;

import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Binary integers of 1, 2, 4 or 8 bytes.
public final class Integers {
    private Integers() {}

    /// Returns whether `bytes` is the width of an integer.
    public static boolean isWidth(int bytes) {
        return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
    }

    /// Reads the next integer.
    public static Value read(BinaryBody body, int width, boolean signed, ByteOrder order)
            throws IOException {
        byte[] bytes = new byte[width];
        body.read(bytes, "an integer");
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
        long bits =
                switch (width) {
                    case 1 -> signed ? buffer.get() : buffer.get() & 0xFF;
                    case 2 -> signed ? buffer.getShort() : buffer.getShort() & 0xFFFF;
                    case 4 -> signed ? buffer.getInt() : buffer.getInt() & 0xFFFFFFFFL;
                    default -> buffer.getLong();
                };
        return new Value(bits, signed);
    }

    /// An integer of up to 64 bits.
    public record Value(long bits, boolean signed) {

        /// Returns whether the value is unsigned and beyond 63 bits.
        public boolean isTooLarge() {
            return !signed && bits < 0;
        }

        /// Returns a [Long], or beyond 63 bits a tensor of one rounded float.
        public Object toStored() {
            return isTooLarge()
                    ? Tensor.of(Shape.of(), 2 * (double) (bits >>> 1))
                    : (Object) (Long) bits;
        }
    }
}
