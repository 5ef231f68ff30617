package batchnorm.codec.npy;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.Selection;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.binary.Budget;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/// Messages as .npz files: a ZIP archive with one .npy array for each field. Scalars and text are
/// arrays of no dimensions; null values are omitted.
///
/// A small body may inflate to large arrays, since zeros compress a thousandfold. The limits still
/// hold: each array declares its size first, each field is unique, and memory is allocated as
/// elements arrive.
public record NpzCodec() implements Codec {
    private static final String SUFFIX = ".npy";

    /// The earliest time of a ZIP archive, so that equal messages are equal bytes.
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    @Override
    public Message decode(InputStream body, Signature signature, Limits limits) throws IOException {
        Message message = new Message();
        Set<String> given = new HashSet<>();
        BinaryBody source = new BinaryBody(body, "the archive", Long.MAX_VALUE);
        try (ZipEntries entries = new ZipEntries(source)) {
            for (String entry = entries.next(); entry != null; entry = entries.next()) {
                Field field = field(entry, signature);
                if (!given.add(entry)) {
                    throw new InvalidField(field.name(), "\"" + field.name() + "\" is given twice");
                }
                BinaryBody content =
                        new BinaryBody(entries.content(), field.name(), Long.MAX_VALUE);
                read(message, field, content, limits);
                content.requireEnd();
                entries.endEntry();
            }
        }
        return message;
    }

    /// Reads the selected arrays of a checkpoint. The others are inflated and discarded to verify
    /// the archive's checksums. All arrays together are bounded by the limit on one array. Entries
    /// of other types, and those that are not arrays, are skipped.
    ///
    /// @throws MalformedTensor for an inconsistent archive, or an array that contradicts its header
    /// @throws BodyTooLarge when the arrays are too large
    public static Checkpoint decode(InputStream body, Selection selection, Limits limits)
            throws IOException {
        CheckpointReader checkpoint = new CheckpointReader(selection, limits);
        BinaryBody source = new BinaryBody(body, "the archive", Long.MAX_VALUE);
        try (ZipEntries entries = new ZipEntries(source)) {
            for (String entry = entries.next(); entry != null; entry = entries.next()) {
                refuseForeignEntry(entry);
                String name = arrayName(entry);
                BinaryBody content =
                        new BinaryBody(entries.content(), QuotedInput.cut(name), Long.MAX_VALUE);
                checkpoint.read(name, content);
                content.requireEnd();
                entries.endEntry();
            }
        }
        return checkpoint.checkpoint();
    }

    /// Rejects archives of other programs by the name of an entry.
    private static void refuseForeignEntry(String entry) {
        if (entry.endsWith(".weights.h5")) {
            throw foreign("a Keras file (.keras) without its config.json");
        }
    }

    /// Returns the exception for a file of another format.
    static MalformedTensor foreign(String format) {
        return new MalformedTensor(
                "file",
                "the body is "
                        + format
                        + "; this format is not supported. Save its tensors as safetensors or .npz");
    }

    /// Separates the entries of an archive into selected and other ones.
    private static final class CheckpointReader {
        private final Selection selection;
        private final Limits limits;
        private final Budget budget;
        private final Set<String> names = new HashSet<>();
        private final Message state = new Message();
        private final List<String> skipped = new ArrayList<>();
        private final Map<String, String> unreadable = new LinkedHashMap<>();

        CheckpointReader(Selection selection, Limits limits) {
            this.selection = selection;
            this.limits = limits;
            this.budget = new Budget(limits);
        }

        Checkpoint checkpoint() {
            return new Checkpoint(FileFormat.NPZ, state, skipped, unreadable);
        }

        void read(String name, BinaryBody content) throws IOException {
            if (!names.add(name)) {
                throw new MalformedTensor(
                        QuotedInput.cut(name),
                        "the array " + QuotedInput.of(name) + " is given twice");
            }
            NpyArray array;
            try {
                array = NpyArray.read(content, QuotedInput.cut(name), limits);
            } catch (MalformedTensor foreign) {
                // If the archive is broken, and not only this header, skipping fails as well.
                skipRest(content);
                unreadable.put(name, String.valueOf(foreign.getMessage()));
                return;
            }
            budget.take(array.bytes());
            String reason = array.unreadable();
            if (!selection.mayBe(name)) {
                content.skip(array.bytes(), "its elements");
                skipped.add(name);
            } else if (reason != null) {
                content.skip(array.bytes(), "its elements");
                unreadable.put(name, reason);
            } else {
                state.put(name, array.toStored(content));
            }
        }

        private void skipRest(BinaryBody content) throws IOException {
            while (!content.atEnd()) {
                int bytes = content.buffer.remaining();
                budget.take(bytes);
                content.skip(bytes, "an entry");
            }
        }
    }

    private static String arrayName(String entry) {
        return entry.endsWith(SUFFIX)
                ? entry.substring(0, entry.length() - SUFFIX.length())
                : entry;
    }

    private static Field field(String entry, Signature signature) {
        String name = arrayName(entry);
        return signature
                .field(name)
                .filter(field -> entry.endsWith(SUFFIX))
                .orElseThrow(() -> InvalidField.unknown(name, "", signature));
    }

    private static void read(Message message, Field field, BinaryBody content, Limits limits)
            throws IOException {
        String name = field.name();
        NpyArray array = NpyArray.read(content, name, limits);
        switch (field.kind()) {
            case TENSOR -> message.with(name, array.toTensor(content));
            case MASK -> message.with(name, array.toMask(content));
            case VECTOR -> message.with(name, array.toVector(content));
            case NUMBER -> message.with(name, (Double) array.toNumber(content));
            case INTEGER -> message.with(name, (Long) array.toInteger(content));
            case BOOLEAN -> message.with(name, (Boolean) array.toBool(content));
            case TEXT -> message.with(name, array.toText(content));
            case TEXTS, TEXT_LISTS, INTEGERS, COUNTS, OBJECT, LIST ->
                    throw new InvalidField(
                            name,
                            "\"" + name + "\" cannot be an array; send it in JSON or in the query");
        }
    }

    @Override
    public void encode(Message message, OutputStream body) throws IOException {
        ZipOutputStream archive = new ZipOutputStream(body);
        archive.setMethod(ZipOutputStream.STORED);
        for (Map.Entry<String, @Nullable Object> field : message.values().entrySet()) {
            Object value = field.getValue();
            if (value != null) {
                archive.putNextEntry(entry(field.getKey() + SUFFIX, value));
                NpyArray.write(value, archive);
                archive.closeEntry();
            }
        }
        archive.finish();
    }

    /// Returns the header of a stored entry. It declares size and checksum before the content. The
    /// content is therefore written twice, first to a null stream. That is cheaper than buffering
    /// it, and every ZIP reader supports the result.
    private static ZipEntry entry(String name, Object value) throws IOException {
        CRC32 checksum = new CRC32();
        Counter counter = new Counter();
        NpyArray.write(value, new CheckedOutputStream(counter, checksum));
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        entry.setSize(counter.count);
        entry.setCompressedSize(counter.count);
        entry.setCrc(checksum.getValue());
        return entry;
    }

    private static final class Counter extends OutputStream {
        private long count;

        @Override
        public void write(int value) {
            count++;
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            count += length;
        }
    }
}
