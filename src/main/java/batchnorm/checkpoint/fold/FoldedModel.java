package batchnorm.checkpoint.fold;

import batchnorm.checkpoint.CheckpointFile;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.Message;
import batchnorm.codec.onnx.Content;
import batchnorm.codec.onnx.ScratchFile;
import batchnorm.codec.safetensors.SafetensorsCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A model file with its batch normalization folded into weights: an ONNX model, or for the
/// checkpoints of other formats a safetensors file. Temporary files are deleted when it is closed.
public final class FoldedModel implements AutoCloseable {
    private final FoldReport report;
    private final @Nullable Message tensors;
    private final @Nullable Content content;
    private final ScratchFile[] files;

    private FoldedModel(
            FoldReport report,
            @Nullable Message tensors,
            @Nullable Content content,
            ScratchFile... files) {
        this.report = report;
        this.tensors = tensors;
        this.content = content;
        this.files = files;
    }

    /// Folds a model file, whose first bytes decide the format.
    ///
    /// @param npz whether the caller declares an .npz archive
    /// @param options for a checkpoint; an ONNX model states what they do
    /// @throws batchnorm.codec.MalformedTensor for a file of another format, or a malformed one
    /// @throws batchnorm.codec.InvalidField when a pair names no layer, or a checkpoint has no
    ///   batch normalization
    /// @throws batchnorm.codec.BodyTooLarge when a tensor is too large, or all of a checkpoint are
    public static FoldedModel of(
            InputStream body, boolean npz, StateDictFolding options, Codec.Limits limits)
            throws IOException {
        PushbackInputStream file = new PushbackInputStream(body, CheckpointFile.FIRST);
        byte[] first = file.readNBytes(CheckpointFile.FIRST);
        file.unread(first);
        return CheckpointFile.isOnnx(first)
                ? onnx(file, limits)
                : stateDict(file, npz, options, limits);
    }

    private static FoldedModel onnx(InputStream body, Codec.Limits limits) throws IOException {
        ScratchFile source = ScratchFile.create();
        ScratchFile scratch = ScratchFile.create();
        try {
            source.copy(body);
            OnnxFolding.Result folded = OnnxFolding.fold(source.channel(), scratch, limits);
            return new FoldedModel(folded.report(), null, folded.content(), source, scratch);
        } catch (IOException | RuntimeException e) {
            source.close();
            scratch.close();
            throw e;
        }
    }

    private static FoldedModel stateDict(
            InputStream body, boolean npz, StateDictFolding options, Codec.Limits limits)
            throws IOException {
        Checkpoint checkpoint = CheckpointFile.read(body, npz, StateDictFolding.ALL, limits);
        limits.memory().reserve(checkpoint.state().elements() * 2 * Double.BYTES);
        StateDictFolding.Result folded = options.fold(checkpoint);
        return new FoldedModel(folded.report(), folded.state().with("format", "pt"), null);
    }

    public FoldReport report() {
        return report;
    }

    public FileFormat format() {
        return content == null ? FileFormat.SAFETENSORS : FileFormat.ONNX;
    }

    /// Returns the number of bytes of the file.
    public long length() {
        return content == null
                ? new SafetensorsCodec().length(tensors()).orElseThrow()
                : content.length();
    }

    /// Writes the file. Neither flushes nor closes the stream.
    public void writeTo(OutputStream out) throws IOException {
        if (content == null) {
            new SafetensorsCodec().encode(tensors(), out);
        } else {
            content.writeTo(out);
        }
    }

    private Message tensors() {
        return Objects.requireNonNull(tensors);
    }

    @Override
    public void close() throws IOException {
        for (ScratchFile file : files) {
            file.close();
        }
    }
}
