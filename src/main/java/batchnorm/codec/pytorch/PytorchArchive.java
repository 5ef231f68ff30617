package batchnorm.codec.pytorch;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.Selection;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.pytorch.Pickled.Storage;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Reads the files that `torch.save` writes since PyTorch 1.6: a ZIP archive of a pickle, and one
/// stored entry for each storage.
public final class PytorchArchive {
    /// The name of the pickle, below the archive's own name.
    private static final String PICKLE = "data.pkl";

    private static final String STORAGE = "data/";
    private static final String BYTE_ORDER = "byteorder";

    /// In archives of TorchScript, beside compiled code.
    private static final String CONSTANTS = "constants.pkl";

    private static final int MAX_PICKLE = 1 << 26;

    private final ZipFile archive;
    private final Map<String, ZipEntry> entries;
    private final String prefix;

    private PytorchArchive(ZipFile archive, Map<String, ZipEntry> entries, String prefix) {
        this.archive = archive;
        this.entries = entries;
        this.prefix = prefix;
    }

    /// Returns whether a ZIP archive has a pickle where PyTorch writes it.
    public static boolean isOne(Path file) throws IOException {
        try (ZipFile archive = new ZipFile(file.toFile())) {
            return archive.stream().anyMatch(entry -> isPickle(entry.getName()));
        } catch (ZipException e) {
            return false;
        }
    }

    private static boolean isPickle(String name) {
        return name.endsWith("/" + PICKLE) && name.indexOf('/') == name.lastIndexOf('/');
    }

    /// Reads the selected tensors.
    ///
    /// @throws batchnorm.codec.MalformedTensor for an inconsistent archive, a pickle that needs
    ///   code, or a file of TorchScript
    /// @throws batchnorm.codec.BodyTooLarge when the selected tensors are too large
    public static Checkpoint read(Path file, Selection selection, Codec.Limits limits)
            throws IOException {
        try (ZipFile archive = new ZipFile(file.toFile())) {
            return of(archive).read(selection, limits);
        } catch (ZipException | EOFException e) {
            throw PytorchFile.malformed("the archive is inconsistent or ends early");
        }
    }

    private static PytorchArchive of(ZipFile archive) {
        Map<String, ZipEntry> entries = new HashMap<>();
        String prefix = null;
        for (ZipEntry entry : Collections.list(archive.entries())) {
            String name = entry.getName();
            if (entries.put(name, entry) != null) {
                throw PytorchFile.malformed(
                        "the archive has two entries named " + QuotedInput.of(name));
            }
            if (isPickle(name)) {
                prefix = name.substring(0, name.length() - PICKLE.length());
            }
        }
        if (prefix == null) {
            throw PytorchFile.malformed("the archive has no entry " + PICKLE);
        }
        if (entries.containsKey(prefix + CONSTANTS)) {
            throw PytorchFile.malformed(
                    "the file is a TorchScript module, which has code; save its tensors: torch.save(module.state_dict(), file)");
        }
        return new PytorchArchive(archive, entries, prefix);
    }

    private Checkpoint read(Selection selection, Codec.Limits limits) throws IOException {
        PytorchFile file = new PytorchFile(pickle(limits), selection, limits);
        StorageReader reader = new StorageReader(byteOrder(), limits);
        for (Storage storage : file.neededStorages()) {
            file.addValues(read(storage, file, reader));
        }
        return file.checkpoint(FileFormat.PYTORCH);
    }

    private IdentityHashMap<Pickled.View, Object> read(
            Storage storage, PytorchFile file, StorageReader reader) throws IOException {
        ZipEntry entry = entry(STORAGE + storage.key());
        if (entry.getSize() != storage.bytes()) {
            throw PytorchFile.malformed(
                    "the storage %s has %d bytes, but its tensors need %d"
                            .formatted(
                                    QuotedInput.of(storage.key()),
                                    entry.getSize(),
                                    storage.bytes()));
        }
        try (CheckedInputStream content =
                new CheckedInputStream(archive.getInputStream(entry), new CRC32())) {
            var values = reader.read(storage, file.views(storage.key()), content);
            if (content.getChecksum().getValue() != entry.getCrc()) {
                throw PytorchFile.malformed(
                        "the checksum of the storage "
                                + QuotedInput.of(storage.key())
                                + " is wrong");
            }
            return values;
        }
    }

    private Object pickle(Codec.Limits limits) throws IOException {
        ZipEntry entry = entry(PICKLE);
        if (entry.getSize() > MAX_PICKLE) {
            throw PytorchFile.malformed("the pickle has more than " + MAX_PICKLE + " bytes");
        }
        try (InputStream content = archive.getInputStream(entry);
                BinaryBody body = new BinaryBody(content, "the pickle", entry.getSize())) {
            return PickleReader.read(body, limits.memory());
        }
    }

    private ByteOrder byteOrder() throws IOException {
        if (!entries.containsKey(prefix + BYTE_ORDER)) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        try (InputStream content = archive.getInputStream(entry(BYTE_ORDER))) {
            String order = new String(content.readNBytes(Long.BYTES), StandardCharsets.US_ASCII);
            return order.equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        }
    }

    /// Returns an entry below the archive's own name. PyTorch stores its entries, so a small file
    /// cannot inflate.
    private ZipEntry entry(String name) {
        ZipEntry entry = entries.get(prefix + name);
        if (entry == null) {
            throw PytorchFile.malformed("the archive has no entry " + QuotedInput.of(name));
        }
        if (entry.getMethod() != ZipEntry.STORED) {
            throw PytorchFile.malformed(
                    "the entry " + QuotedInput.of(name) + " is compressed; PyTorch stores entries");
        }
        return entry;
    }
}
