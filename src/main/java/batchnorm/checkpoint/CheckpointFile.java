package batchnorm.checkpoint;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.Selection;
import batchnorm.codec.keras.KerasArchive;
import batchnorm.codec.keras.KerasFile;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.codec.onnx.OnnxFile;
import batchnorm.codec.pytorch.LegacyPytorch;
import batchnorm.codec.pytorch.PytorchArchive;
import batchnorm.codec.safetensors.SafetensorsCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Reads a checkpoint in the format that its first bytes identify: safetensors, an .npz archive, a
/// file of PyTorch or of Keras, or an ONNX model.
public final class CheckpointFile {
    private static final byte[] ZIP = {'P', 'K', 3, 4};
    private static final byte[] HDF5 = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
    private static final byte PICKLE = (byte) 0x80;
    private static final int NEWEST_PICKLE = 5;

    /// The tag of an ONNX file's first field, the version. The next tag is one of the fields 2 to
    /// 8, with wire type 2 of Protocol Buffers.
    private static final byte ONNX_VERSION = 0x08;

    private static final int WIRE_TYPE = 7;
    private static final int LENGTH_DELIMITED = 2;
    private static final int LAST_ONNX_TAG = 8 << 3 | LENGTH_DELIMITED;

    /// Offsets of the name's length and the name in the header of a ZIP archive's first entry.
    private static final int NAME_LENGTH = 26;

    private static final int NAME = 30;

    private static final String NPY = ".npy";

    /// Bytes needed to identify a format: more than the header of an archive's first entry.
    public static final int FIRST = 512;

    private CheckpointFile() {}

    /// @param npz whether the request declares an .npz archive, used if the bytes are inconclusive
    /// @throws MalformedTensor for a file of another format, or a malformed one
    /// @throws BodyTooLarge when the selected tensors are too large
    public static Checkpoint read(
            InputStream body, boolean npz, Selection selection, Codec.Limits limits)
            throws IOException {
        return read(new ModelInput(body, FIRST, null), npz, selection, limits);
    }

    /// Reads a checkpoint from a file, without a copy for formats that are not read front to back.
    ///
    /// @param bytes the content of the file, which the caller may observe
    /// @throws MalformedTensor for a file of another format, or a malformed one
    /// @throws BodyTooLarge when the selected tensors are too large
    public static Checkpoint read(
            Path file, InputStream bytes, Selection selection, Codec.Limits limits)
            throws IOException {
        return read(new ModelInput(bytes, FIRST, file), false, selection, limits);
    }

    private static Checkpoint read(
            ModelInput file, boolean npz, Selection selection, Codec.Limits limits)
            throws IOException {
        byte[] first = file.readNBytes(FIRST);
        file.unread(first);
        // The length in a safetensors file is followed by a JSON header.
        if (first.length > Long.BYTES && first[Long.BYTES] == '{') {
            return SafetensorsCodec.decode(file, selection, limits);
        }
        if (isPickle(first)) {
            return LegacyPytorch.read(file, selection, limits);
        }
        if (beginsWith(first, HDF5)) {
            try (SpooledFile spooled = SpooledFile.of(file)) {
                return KerasFile.read(spooled.path(), selection, limits);
            }
        }
        if (isOnnx(first)) {
            return onnx(file, selection, limits);
        }
        if (!beginsWith(first, ZIP)) {
            return npz
                    ? NpzCodec.decode(file, selection, limits)
                    : SafetensorsCodec.decode(file, selection, limits);
        }
        return firstEntry(first).endsWith(NPY)
                ? NpzCodec.decode(file, selection, limits)
                : archive(file, selection, limits);
    }

    /// Reads an archive whose directory decides the format.
    private static Checkpoint archive(InputStream body, Selection selection, Codec.Limits limits)
            throws IOException {
        try (SpooledFile spooled = SpooledFile.of(body)) {
            ZipDirectory.requireSmall(spooled.path());
            if (PytorchArchive.isOne(spooled.path())) {
                return PytorchArchive.read(spooled.path(), selection, limits);
            }
            if (KerasArchive.isOne(spooled.path())) {
                return keras(spooled, selection, limits);
            }
            try (InputStream file = Files.newInputStream(spooled.path())) {
                return NpzCodec.decode(file, selection, limits);
            }
        }
    }

    private static Checkpoint keras(SpooledFile spooled, Selection selection, Codec.Limits limits)
            throws IOException {
        try (KerasArchive archive = KerasArchive.open(spooled.path());
                SpooledFile weights = SpooledFile.of(archive.weights())) {
            return archive.read(weights.path(), selection, limits);
        }
    }

    private static Checkpoint onnx(InputStream body, Selection selection, Codec.Limits limits)
            throws IOException {
        try (SpooledFile spooled = SpooledFile.of(body);
                FileChannel file = FileChannel.open(spooled.path())) {
            return OnnxFile.read(file, selection, limits);
        }
    }

    private static boolean isPickle(byte[] first) {
        return first.length > 1 && first[0] == PICKLE && first[1] >= 2 && first[1] <= NEWEST_PICKLE;
    }

    /// Returns whether a file is an ONNX model, by its first bytes.
    public static boolean isOnnx(byte[] first) {
        return first.length > 2
                && first[0] == ONNX_VERSION
                && (first[2] & WIRE_TYPE) == LENGTH_DELIMITED
                && first[2] > LENGTH_DELIMITED
                && first[2] <= LAST_ONNX_TAG;
    }

    /// Returns the name of an archive's first entry, as far as the bytes have it.
    private static String firstEntry(byte[] first) {
        if (first.length <= NAME) {
            return "";
        }
        int length = first[NAME_LENGTH] & 0xFF | (first[NAME_LENGTH + 1] & 0xFF) << Byte.SIZE;
        int end = Math.min(NAME + length, first.length);
        return new String(first, NAME, end - NAME, StandardCharsets.UTF_8);
    }

    private static boolean beginsWith(byte[] bytes, byte[] magic) {
        return bytes.length >= magic.length
                && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }
}
