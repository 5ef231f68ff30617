package batchnorm.checkpoint;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.Selection;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.codec.safetensors.SafetensorsCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads a checkpoint in the format that its first bytes identify: an .npz archive or a safetensors
/// file. Rejects other model files, naming their format.
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

    /// Bytes needed to identify a format: more than the header of an archive's first entry.
    private static final int FIRST = 512;

    private CheckpointFile() {}

    /// @param npz whether the request declares an .npz archive, used if the bytes are inconclusive
    /// @throws MalformedTensor for a file of another format, or a malformed one
    /// @throws BodyTooLarge when the selected tensors are too large
    public static Checkpoint read(
            InputStream body, boolean npz, Selection selection, Codec.Limits limits)
            throws IOException {
        PushbackInputStream file = new PushbackInputStream(body, FIRST);
        byte[] first = file.readNBytes(FIRST);
        file.unread(first);
        // The length in a safetensors file is followed by a JSON header.
        boolean json = first.length > Long.BYTES && first[Long.BYTES] == '{';
        if (!json) {
            requireSupported(first);
        }
        return beginsWith(first, ZIP) || (npz && !json)
                ? NpzCodec.decode(file, selection, limits)
                : SafetensorsCodec.decode(file, selection, limits);
    }

    private static void requireSupported(byte[] first) {
        if (beginsWith(first, HDF5)) {
            throw NpzCodec.foreign("an HDF5 file, such as .h5 or .weights.h5 of Keras");
        }
        if (first.length < 3) {
            return;
        }
        if (first[0] == PICKLE && first[1] >= 2 && first[1] <= NEWEST_PICKLE) {
            throw NpzCodec.foreign("a pickle, such as PyTorch's older .pth");
        }
        if (first[0] == ONNX_VERSION
                && (first[2] & WIRE_TYPE) == LENGTH_DELIMITED
                && first[2] > LENGTH_DELIMITED
                && first[2] <= LAST_ONNX_TAG) {
            throw NpzCodec.foreign("an ONNX model");
        }
        if (beginsWith(first, ZIP) && first.length > NAME) {
            int length = first[NAME_LENGTH] & 0xFF | (first[NAME_LENGTH + 1] & 0xFF) << Byte.SIZE;
            int end = Math.min(NAME + length, first.length);
            NpzCodec.refuseForeignEntry(
                    new String(first, NAME, end - NAME, StandardCharsets.UTF_8));
        }
    }

    private static boolean beginsWith(byte[] bytes, byte[] magic) {
        return bytes.length >= magic.length
                && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }
}
