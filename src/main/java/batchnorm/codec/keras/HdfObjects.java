package batchnorm.codec.keras;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.keras.BoundedStorage.InconsistentFile;
import io.jhdf.FractalHeap;
import io.jhdf.GroupSymbolTableNode;
import io.jhdf.LocalHeap;
import io.jhdf.ObjectHeader;
import io.jhdf.Superblock;
import io.jhdf.Superblock.SuperblockV0V1;
import io.jhdf.Superblock.SuperblockV2V3;
import io.jhdf.SymbolTableEntry;
import io.jhdf.btree.BTreeV1;
import io.jhdf.btree.BTreeV2;
import io.jhdf.btree.record.LinkNameForIndexedGroupRecord;
import io.jhdf.dataset.DatasetReader;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import io.jhdf.object.message.AttributeMessage;
import io.jhdf.object.message.DataSpaceMessage;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.SymbolTableMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The objects of an HDF5 file: groups, datasets and their attributes. Links are listed, not
/// followed. jHDF parses each structure; the walk over them is bounded here.
final class HdfObjects {
    /// The bytes of a header. Keras splits the names of weights into attributes of 64 KB.
    private static final int MAX_HEADER = 1 << 19;

    private static final int MAX_GROUP = 1 << 23;

    /// The bytes of a heap of texts: a model's configuration, and others.
    private static final int MAX_HEAP = 1 << 25;

    private static final int MAX_LINK = 1 << 12;

    /// Cached soft link, in the symbol table of a group.
    private static final int SOFT_LINK = 2;

    /// The message of jHDF for the empty name of an opaque type, which it does not read.
    private static final String WITHOUT_END = "End of buffer reached before NULL";

    private final BoundedStorage storage;

    private HdfObjects(BoundedStorage storage) {
        this.storage = storage;
    }

    /// @throws MalformedTensor when the file does not begin as an HDF5 file
    static HdfObjects of(ByteBuffer content) {
        return guarded(
                "the superblock",
                () -> {
                    ByteBuffer bytes = BoundedStorage.littleEndian(content);
                    Superblock superblock = Superblock.readSuperblock(bytes);
                    if (!BoundedStorage.isSupported(superblock)) {
                        throw new InconsistentFile("it states sizes that HDF5 does not have");
                    }
                    return new HdfObjects(new BoundedStorage(content, superblock));
                });
    }

    /// Returns the root group.
    HdfObject root() {
        return guarded(
                "the superblock",
                () -> {
                    storage.permit(MAX_HEADER);
                    return object(
                            switch (storage.getSuperblock()) {
                                case SuperblockV0V1 old ->
                                        new SymbolTableEntry(
                                                        storage,
                                                        old.getRootGroupSymbolTableAddress())
                                                .getObjectHeaderAddress();
                                case SuperblockV2V3 present ->
                                        present.getRootGroupObjectHeaderAddress();
                                default -> throw new InconsistentFile("its version is unknown");
                            },
                            "/");
                });
    }

    /// Returns the object at an address.
    ///
    /// @param path for messages
    HdfObject object(long address, String path) {
        return guarded(
                path,
                () -> {
                    storage.permit(MAX_HEADER);
                    return new HdfObject(
                            address, path, ObjectHeader.readObjectHeader(storage, address));
                });
    }

    /// An object with its parsed header.
    ///
    /// @param path for messages
    record HdfObject(long address, String path, ObjectHeader header) {
        boolean isDataset() {
            return header.hasMessageOfType(DataSpaceMessage.class);
        }

        boolean isGroup() {
            return header.hasMessageOfType(SymbolTableMessage.class)
                    || header.hasMessageOfType(LinkInfoMessage.class);
        }
    }

    /// A name in a group.
    ///
    /// @param address of the object; null for a soft or external link
    record HdfLink(String name, @Nullable Long address) {}

    /// Returns the names in a group, in the order of the file.
    List<HdfLink> links(HdfObject group) {
        return guarded(
                group.path(),
                () -> {
                    storage.permit(MAX_GROUP);
                    return group.header().hasMessageOfType(SymbolTableMessage.class)
                            ? symbols(group.header().getMessageOfType(SymbolTableMessage.class))
                            : messages(group.header());
                });
    }

    private List<HdfLink> symbols(SymbolTableMessage table) {
        List<Long> nodes =
                BTreeV1.createGroupBTree(storage, table.getBTreeAddress()).getChildAddresses();
        ByteBuffer names = new LocalHeap(storage, table.getLocalHeapAddress()).getDataBuffer();
        List<HdfLink> links = new ArrayList<>();
        for (long node : nodes) {
            for (SymbolTableEntry entry :
                    new GroupSymbolTableNode(storage, node).getSymbolTableEntries()) {
                links.add(
                        new HdfLink(
                                name(names, entry.getLinkNameOffset()),
                                entry.getCacheType() == SOFT_LINK
                                        ? null
                                        : (Long) entry.getObjectHeaderAddress()));
            }
        }
        return links;
    }

    /// Reads a name up to its NUL. Many links may share the bytes of a long one.
    private static String name(ByteBuffer names, int offset) {
        int end = offset;
        while (names.get(end) != 0) {
            end++;
            if (end - offset > MAX_LINK) {
                throw new InconsistentFile("a name has more than " + MAX_LINK + " bytes");
            }
        }
        byte[] name = new byte[end - offset];
        names.get(offset, name);
        return new String(name, StandardCharsets.UTF_8);
    }

    private List<HdfLink> messages(ObjectHeader header) {
        LinkInfoMessage info = header.getMessageOfType(LinkInfoMessage.class);
        List<HdfLink> links = new ArrayList<>();
        header.getMessagesOfType(LinkMessage.class).forEach(message -> links.add(link(message)));
        if (info.getBTreeNameIndexAddress() != -1) {
            List<LinkNameForIndexedGroupRecord> records =
                    new BTreeV2<LinkNameForIndexedGroupRecord>(
                                    storage, info.getBTreeNameIndexAddress())
                            .getRecords();
            FractalHeap heap = new FractalHeap(storage, info.getFractalHeapAddress());
            for (LinkNameForIndexedGroupRecord indexed : records) {
                links.add(
                        link(
                                LinkMessage.fromBuffer(
                                        heap.getId(indexed.getId()), storage.getSuperblock())));
            }
        }
        return links;
    }

    private static HdfLink link(LinkMessage message) {
        return new HdfLink(
                message.getLinkName(),
                message.getLinkType() == LinkMessage.LinkType.HARD
                        ? (Long) message.getHardLinkAddress()
                        : null);
    }

    /// Returns whether an object has an attribute.
    static boolean hasAttribute(HdfObject object, String name) {
        return attribute(object, name) != null;
    }

    /// Returns the text of an attribute; null where there is none, or it is not one text.
    ///
    /// @param most the most bytes
    @Nullable String text(HdfObject object, String name, int most) {
        AttributeMessage attribute = attribute(object, name);
        if (attribute == null || attribute.getDataBuffer() == null) {
            return null;
        }
        return guarded(object.path(), () -> new Text(attribute, most).read()).orNull();
    }

    private static @Nullable AttributeMessage attribute(HdfObject object, String name) {
        return object.header().getMessagesOfType(AttributeMessage.class).stream()
                .filter(message -> message.getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private final class Text {
        private final AttributeMessage message;
        private final int most;

        Text(AttributeMessage message, int most) {
            this.message = message;
            this.most = most;
        }

        Texts read() {
            DataType type = message.getDataType();
            boolean isText =
                    type instanceof StringData
                            || type instanceof VariableLength variable
                                    && variable.isVariableLengthString()
                                    && type.getSize()
                                            == Integer.BYTES
                                                    + storage.getSizeOfOffsets()
                                                    + Integer.BYTES;
            int[] dimensions = message.getDataSpace().getDimensions();
            if (!isText || dimensions.length > 1 || message.getDataSpace().getTotalLength() != 1) {
                return new Texts(null);
            }
            ByteBuffer data = message.getDataBuffer().order(ByteOrder.LITTLE_ENDIAN);
            int length = type instanceof StringData ? data.remaining() : data.getInt(0);
            if (length < 0 || length > most) {
                throw new InconsistentFile(
                        "the attribute %s has more than %d bytes"
                                .formatted(QuotedInput.of(message.getName()), most));
            }
            storage.permit(MAX_HEAP);
            Object value = DatasetReader.readDataset(type, data, dimensions, storage);
            return new Texts(
                    switch (value) {
                        case String text -> text;
                        case String[] texts -> texts[0];
                        case null, default -> null;
                    });
        }
    }

    private record Texts(@Nullable String orNull) {}

    /// Returns the array of a dataset.
    HdfArray array(HdfObject dataset) {
        return guarded(dataset.path(), () -> HdfArray.of(dataset));
    }

    /// Returns the bytes of an array.
    ByteBuffer content(String path, long address, long length) {
        return guarded(path, () -> storage.content(address, length));
    }

    /// Runs a step of jHDF, which reports damage by exceptions of many types, and by exhausting the
    /// stack where structures contain themselves.
    private static <T> T guarded(String path, Supplier<T> step) {
        try {
            return step.get();
        } catch (MalformedTensor e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            throw malformed(path, reason(e));
        }
    }

    private static String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InconsistentFile inconsistent) {
                return String.valueOf(inconsistent.getMessage());
            }
            if (WITHOUT_END.equals(cause.getMessage())) {
                return "it has a type without a name, as h5py stores bfloat16; save the variables as float32";
            }
        }
        return failure instanceof io.jhdf.exceptions.UnsupportedHdfException unsupported
                ? "it is of a kind that is not supported: " + unsupported.getMessage()
                : "its structures are inconsistent";
    }

    static MalformedTensor malformed(String path, String reason) {
        return new MalformedTensor(
                "file",
                "the HDF5 file is not readable at %s: %s".formatted(QuotedInput.of(path), reason));
    }
}
