package batchnorm.codec.onnx;

import batchnorm.codec.binary.BinaryElements;
import batchnorm.tensor.Tensor;
import com.google.protobuf.CodedOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// A temporary file, for a model or for the elements of changed tensors: memory holds one tensor at
/// a time. It is deleted when it is closed.
public final class ScratchFile implements AutoCloseable {
    private final FileChannel file;

    private ScratchFile(FileChannel file) {
        this.file = file;
    }

    public static ScratchFile create() throws IOException {
        return new ScratchFile(
                FileChannel.open(
                        Files.createTempFile("batchnorm-", ".scratch"),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE));
    }

    public FileChannel channel() {
        return file;
    }

    /// Appends a body, which is bounded by its reader.
    public void copy(InputStream body) throws IOException {
        try (OutputStream target =
                new KeepOpen(Channels.newOutputStream(file.position(file.size())))) {
            body.transferTo(target);
        }
    }

    /// Writes elements in the form of a field.
    ///
    /// @param old elements in this file to overwrite where they have the same length; otherwise the
    ///   new ones are appended
    Elements write(Tensor values, int number, Elements old) throws IOException {
        boolean isInPlace =
                old.file().equals(file)
                        && number != TensorReader.INT32_DATA
                        && !old.places().isEmpty();
        long from = isInPlace ? old.places().getFirst().content() : file.size();
        try (OutputStream target = new KeepOpen(Channels.newOutputStream(file.position(from)))) {
            if (number == TensorReader.INT32_DATA) {
                writeIntegers(values, target);
            } else {
                BinaryElements.write(values, target);
            }
        }
        int start = Math.toIntExact(from);
        int end = Math.toIntExact(file.position());
        return new Elements(file, number, List.of(new Field(number, start, start, end)));
    }

    /// A buffer that is flushed at its end, on a stream that stays open.
    private static final class KeepOpen extends BufferedOutputStream {
        private KeepOpen(OutputStream target) {
            super(target, 1 << 16);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }

    /// Writes elements of 16 bits as packed integers of 32 bits.
    private static void writeIntegers(Tensor values, OutputStream target) throws IOException {
        CodedOutputStream out = CodedOutputStream.newInstance(target);
        byte[] bits = new byte[Short.BYTES];
        for (int i = 0; i < values.shape().elements(); i++) {
            BinaryElements.encode(values, i, i + 1, bits);
            out.writeUInt32NoTag((bits[0] & 0xFF) | (bits[1] & 0xFF) << Byte.SIZE);
        }
        out.flush();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
