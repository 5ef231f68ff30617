package batchnorm.codec.keras;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.Selection;
import batchnorm.codec.body.BulkInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Reads a `.keras` file: a ZIP archive of a model's configuration and its weights.
public final class KerasArchive implements AutoCloseable {
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.weights.h5";

    private final ZipFile archive;

    private KerasArchive(ZipFile archive) {
        this.archive = archive;
    }

    /// Returns whether a ZIP archive has the entries of Keras.
    public static boolean isOne(Path file) throws IOException {
        try (ZipFile archive = new ZipFile(file.toFile())) {
            return archive.getEntry(CONFIG) != null && archive.getEntry(WEIGHTS) != null;
        } catch (ZipException e) {
            return false;
        }
    }

    /// Opens an archive.
    ///
    /// @throws MalformedTensor for an archive with two entries of one name, or a damaged one
    public static KerasArchive open(Path file) throws IOException {
        ZipFile archive;
        try {
            archive = new ZipFile(file.toFile());
        } catch (ZipException e) {
            throw malformed("it is inconsistent or ends early");
        }
        Set<String> names = new HashSet<>();
        for (ZipEntry entry : Collections.list(archive.entries())) {
            if (!names.add(entry.getName())) {
                archive.close();
                throw malformed("it has two entries named " + QuotedInput.of(entry.getName()));
            }
        }
        return new KerasArchive(archive);
    }

    /// Returns the weights, which the caller copies to their own file: HDF5 is not read front to
    /// back.
    public InputStream weights() throws IOException {
        return content(WEIGHTS);
    }

    /// Reads the selected variables.
    ///
    /// @param weights the copy
    /// @throws MalformedTensor for an inconsistent archive
    /// @throws batchnorm.codec.BodyTooLarge when the selected variables are too large
    public Checkpoint read(Path weights, Selection selection, Codec.Limits limits)
            throws IOException {
        return KerasFile.read(weights, config(limits), selection, limits);
    }

    private KerasConfig config(Codec.Limits limits) throws IOException {
        if (archive.getEntry(CONFIG).getSize() > KerasConfig.MAX_BYTES) {
            throw malformed("its configuration has more than " + KerasConfig.MAX_BYTES + " bytes");
        }
        try (InputStream content = content(CONFIG)) {
            return KerasConfig.read(content, limits);
        }
    }

    /// Returns the bytes of an entry, of which the checksum is compared at their end. Keras stores
    /// its entries, so a small file cannot inflate.
    private InputStream content(String name) throws IOException {
        ZipEntry entry = archive.getEntry(name);
        if (entry.getMethod() != ZipEntry.STORED) {
            throw malformed(
                    "the entry "
                            + QuotedInput.of(name)
                            + " is compressed; Keras stores entries uncompressed");
        }
        CheckedInputStream content =
                new CheckedInputStream(archive.getInputStream(entry), new CRC32());
        return new BulkInputStream(content) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int read;
                try {
                    read = content.read(target, offset, length);
                } catch (ZipException | EOFException e) {
                    throw malformed("it is inconsistent or ends early");
                }
                if (read < 0 && content.getChecksum().getValue() != entry.getCrc()) {
                    throw malformed("the checksum of " + QuotedInput.of(name) + " is wrong");
                }
                return read;
            }
        };
    }

    private static MalformedTensor malformed(String reason) {
        return new MalformedTensor("file", "the archive of Keras: " + reason);
    }

    @Override
    public void close() throws IOException {
        archive.close();
    }
}
