package batchnorm.codec.pytorch;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.Selection;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.pytorch.Pickled.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads the files that `torch.save` wrote before PyTorch 1.6: five pickles (a magic number, the
/// version, the writer's properties, the object, the keys of its storages), then the storages.
public final class LegacyPytorch {
    /// The first pickle, beyond 64 bits.
    private static final String MAGIC = "119547037146038801333356";

    private LegacyPytorch() {}

    /// Reads the selected tensors.
    ///
    /// @throws batchnorm.codec.MalformedTensor for an inconsistent file, or a pickle that needs
    ///   code
    /// @throws batchnorm.codec.BodyTooLarge when the selected tensors are too large
    public static Checkpoint read(InputStream content, Selection selection, Codec.Limits limits)
            throws IOException {
        try (BinaryBody body = new BinaryBody(content, "the file", Long.MAX_VALUE)) {
            if (!MAGIC.equals(PickleReader.read(body, limits.memory()))) {
                throw PytorchFile.malformed(
                        "the file is a pickle, but not of PyTorch; save tensors as safetensors or .npz");
            }
            PickleReader.read(body, limits.memory()); // the version
            ByteOrder order = byteOrder(PickleReader.read(body, limits.memory()));
            PytorchFile file =
                    new PytorchFile(PickleReader.read(body, limits.memory()), selection, limits);
            Object keys = PickleReader.read(body, limits.memory());
            if (!(keys instanceof List<?> list)) {
                throw PytorchFile.malformed("the keys of storages are not a list");
            }
            readStorages(list, file, body, new StorageReader(order, limits));
            return file.checkpoint(FileFormat.PYTORCH_LEGACY);
        }
    }

    private static ByteOrder byteOrder(Object system) {
        return system instanceof Map<?, ?> properties
                        && Boolean.FALSE.equals(properties.get("little_endian"))
                ? ByteOrder.BIG_ENDIAN
                : ByteOrder.LITTLE_ENDIAN;
    }

    private static void readStorages(
            List<?> keys, PytorchFile file, BinaryBody body, StorageReader reader)
            throws IOException {
        Set<Storage> missing = new HashSet<>(file.neededStorages());
        for (Object entry : keys) {
            if (!(entry instanceof String key)) {
                throw PytorchFile.malformed("the key of a storage is not a string");
            }
            Storage storage = file.storage(key);
            if (storage == null) {
                throw PytorchFile.malformed("no tensor uses the storage " + QuotedInput.of(key));
            }
            body.require(Long.BYTES, "a storage");
            long elements = body.buffer.order(reader.order()).getLong();
            body.buffer.order(ByteOrder.LITTLE_ENDIAN);
            if (elements != storage.elements()) {
                throw PytorchFile.malformed(
                        "the storage %s has %d elements, but its tensors need %d"
                                .formatted(
                                        QuotedInput.of(storage.key()),
                                        elements,
                                        storage.elements()));
            }
            if (missing.remove(storage)) {
                InputStream content = body.section(storage.bytes(), "a storage");
                file.addValues(reader.read(storage, file.views(storage.key()), content));
            } else {
                body.skip(storage.bytes(), "a storage");
            }
        }
        if (!missing.isEmpty()) {
            throw PytorchFile.malformed(
                    "the file has no storage " + QuotedInput.of(missing.iterator().next().key()));
        }
        body.requireEnd();
    }
}
