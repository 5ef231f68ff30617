package batchnorm.codec.pytorch;

import batchnorm.codec.Codec;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.codec.binary.Integers;
import batchnorm.codec.pytorch.Pickled.Storage;
import batchnorm.codec.pytorch.Pickled.View;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;

/// Reads the selected views of one storage, front to back. Memory is needed for the spans of these
/// views alone, however large the storage is.
///
/// @param order of the bytes of an element
record StorageReader(ByteOrder order, Codec.Limits limits) {
    private static final int CHUNK = 1 << 16;

    /// Returns the value of each view: a tensor of floats, or one integer.
    ///
    /// @param content the bytes of the storage, read to their end
    IdentityHashMap<View, Object> read(Storage storage, Collection<View> views, InputStream content)
            throws IOException {
        IdentityHashMap<View, byte[]> spans = new IdentityHashMap<>();
        for (View view : views) {
            spans.put(view, span(view));
        }
        byte[] chunk = new byte[CHUNK];
        for (long at = 0; at < storage.bytes(); ) {
            int count = content.readNBytes(chunk, 0, (int) Math.min(CHUNK, storage.bytes() - at));
            if (count == 0) {
                throw PytorchFile.malformed("the file ends in the middle of a storage");
            }
            for (Map.Entry<View, byte[]> span : spans.entrySet()) {
                copy(chunk, at, count, span.getKey(), span.getValue());
            }
            at += count;
        }
        IdentityHashMap<View, Object> values = new IdentityHashMap<>();
        for (Map.Entry<View, byte[]> span : spans.entrySet()) {
            values.put(span.getKey(), value(span.getKey(), span.getValue()));
        }
        return values;
    }

    private byte[] span(View view) {
        long bytes = view.span() * view.storage().type().bytes();
        limits.memory().reserve(bytes);
        return new byte[Math.toIntExact(bytes)];
    }

    /// Copies the part of a chunk that belongs to a span.
    ///
    /// @param at the offset of the chunk in the storage, in bytes
    private static void copy(byte[] chunk, long at, int count, View view, byte[] span) {
        long start = view.offset() * view.storage().type().bytes();
        long from = Math.max(start, at);
        long to = Math.min(start + span.length, at + count);
        if (from < to) {
            System.arraycopy(
                    chunk, (int) (from - at), span, (int) (from - start), (int) (to - from));
        }
    }

    private Object value(View view, byte[] span) throws IOException {
        StorageType type = view.storage().type();
        try (BinaryBody body =
                new BinaryBody(new ByteArrayInputStream(span), "the storage", span.length)) {
            if (type.isInteger()) {
                return Integers.read(body, type.bytes(), type.isSigned(), order).toStored();
            }
            DataType dataType = Objects.requireNonNull(type.dataType());
            Shape shape = shape(view);
            if (view.isContiguous()) {
                return BinaryElements.read(body, shape, dataType, order, limits.memory());
            }
            Shape all = Shape.of(span.length / type.bytes());
            return gathered(
                    view, shape, BinaryElements.read(body, all, dataType, order, limits.memory()));
        }
    }

    static Shape shape(View view) {
        int[] dimensions = new int[view.dimensions().length];
        for (int axis = 0; axis < dimensions.length; axis++) {
            dimensions[axis] = Math.toIntExact(view.dimensions()[axis]);
        }
        return Shape.of(dimensions);
    }

    /// Returns the elements of a strided view in row-major order, in the datatype of its storage.
    private static Tensor gathered(View view, Shape shape, Tensor span) {
        if (span instanceof Tensor.Floats floats) {
            float[] values = new float[shape.elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = floats.values()[index(view, shape, i)];
            }
            return Tensor.of(shape, floats.dataType(), values);
        }
        double[] values = new double[shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = span.at(index(view, shape, i));
        }
        return Tensor.of(shape, values);
    }

    private static int index(View view, Shape shape, int element) {
        int[] coordinates = shape.coordinates(element);
        long at = 0;
        for (int axis = 0; axis < coordinates.length; axis++) {
            at += coordinates[axis] * view.strides()[axis];
        }
        return (int) at;
    }
}
