package batchnorm.checkpoint;

import io.jhdf.checksum.ChecksumUtils;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Model files that claim more than they have, or lead in circles.
final class HostileFiles {
    private static final int PLENTY = 1 << 20;

    private HostileFiles() {}

    static byte[] resource(String name) throws IOException {
        try (InputStream file =
                Objects.requireNonNull(
                        HostileFiles.class.getResourceAsStream("/checkpoints/" + name), name)) {
            return file.readAllBytes();
        }
    }

    static Map<String, byte[]> all() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("an HDF5 group in its own B-tree", treeInItself());
        files.put("an HDF5 group of 64^10 paths", treeOfManyPaths());
        files.put("an HDF5 header that continues in itself", headerInItself());
        files.put("an HDF5 B-tree of 2^30 records", claiming("BTHD", 38, 29, 0x40));
        files.put(
                "an HDF5 heap of 2^29 blocks",
                claiming("FRHP", 146, 110, 0, 111, 0x40, 140, 0, 141, 0x80));
        files.put("an HDF5 name of 4 MB for each of 30,000 links", longNames());
        files.put("an .npz of 256 MB of zeros", archive("a.npy", ZipOutputStream.DEFLATED, 256));
        files.put("a .keras file of zeros", archive("config.json", ZipOutputStream.DEFLATED, 256));
        files.put("a ZIP directory of 48 MB", directory());
        files.put("a ZIP archive of 10,000 entries", entries());
        files.put("a pickle of a million dicts", pickle("}".repeat(PLENTY) + "."));
        files.put("a pickle of nested lists", pickle("](" + "](".repeat(PLENTY) + "."));
        files.put("a pickle of 2^40 dicts", pickle(shared()));
        files.put("a legacy pickle of 2^40 keys", legacy());
        files.put(
                "a safetensors header of 4 GB",
                "\u00ff\u00ff\u00ff\u00ff\0\0\0\0{\"a\"".getBytes(StandardCharsets.ISO_8859_1));
        return files;
    }

    private static int find(byte[] bytes, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        throw new IllegalArgumentException("no " + text);
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// The tree of the root group gets a level, and itself as its child.
    private static byte[] treeInItself() throws IOException {
        byte[] file = resource("model.weights.h5");
        int tree = find(file, "TREE");
        littleEndian(file).put(tree + 5, (byte) 1).putLong(tree + 32, tree);
        return file;
    }

    /// Ten levels of nodes, each with the one below it as each of its 64 children.
    private static byte[] treeOfManyPaths() throws IOException {
        byte[] file = resource("model.weights.h5");
        int leaf = find(file, "TREE");
        int node = 24 + 8 + 64 * 16;
        byte[] deep = Arrays.copyOf(file, file.length + 10 * node + 64 * 32);
        ByteBuffer longer = littleEndian(deep);
        long below = leaf;
        for (int level = 1; level <= 10; level++) {
            int at = file.length + (level - 1) * node;
            longer.position(at);
            longer.put("TREE".getBytes(StandardCharsets.US_ASCII)).put((byte) 0).put((byte) level);
            longer.putShort((short) 64).putLong(-1).putLong(-1);
            for (int child = 0; child < 64; child++) {
                longer.putLong(0).putLong(below);
            }
            below = at;
        }
        for (int at = 0; at + 8 <= file.length; at++) {
            if (longer.getLong(at) == leaf) {
                longer.putLong(at, below);
            }
        }
        return deep;
    }

    /// A superblock, and a header with a continuation that has itself as its continuation.
    private static byte[] headerInItself() {
        ByteBuffer file = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        file.put("\u0089HDF\r\n\u001a\n\u0002\u0008\u0008\0".getBytes(StandardCharsets.ISO_8859_1));
        file.putLong(0).putLong(-1).putLong(200).putLong(48);
        file.putInt(ChecksumUtils.checksum(littleEndian(Arrays.copyOf(file.array(), 44))));
        file.put("OHDR\u0002\0\u0014".getBytes(StandardCharsets.ISO_8859_1));
        continuation(file);
        file.position(100).put("OCHK".getBytes(StandardCharsets.ISO_8859_1));
        continuation(file);
        return file.array();
    }

    private static void continuation(ByteBuffer file) {
        file.put((byte) 0x10).putShort((short) 16).put((byte) 0).putLong(100).putLong(40);
    }

    /// Sets bytes of a structure with a checksum.
    ///
    /// @param length of the structure
    /// @param changes offsets, each with a byte
    private static byte[] claiming(String signature, int length, int... changes)
            throws IOException {
        byte[] file = resource("keras/newest.weights.h5");
        int start = find(file, signature);
        for (int change = 0; change < changes.length; change += 2) {
            file[start + changes[change]] = (byte) changes[change + 1];
        }
        int sum =
                ChecksumUtils.checksum(
                        littleEndian(Arrays.copyOfRange(file, start, start + length - 4)));
        littleEndian(file).putInt(start + length - 4, sum);
        return file;
    }

    /// A heap of letters, and a node of links that all begin at its start.
    private static byte[] longNames() throws IOException {
        byte[] file = resource("model.weights.h5");
        int letters = 1 << 22;
        int links = 30_000;
        byte[] longer = Arrays.copyOf(file, file.length + letters + 8 + links * 40);
        Arrays.fill(longer, file.length, file.length + letters - 1, (byte) 'a');
        int heap = find(file, "HEAP");
        int node = find(file, "SNOD");
        int moved = file.length + letters;
        ByteBuffer bytes = littleEndian(longer);
        bytes.putLong(heap + 8, letters).putLong(heap + 24, file.length);
        bytes.put(moved, file, node, 8).putShort(moved + 6, (short) links);
        for (int link = 0; link < links; link++) {
            bytes.put(moved + 8 + link * 40, file, node + 8, 40);
            bytes.putLong(moved + 8 + link * 40, 0);
        }
        bytes.putLong(find(file, "TREE") + 32, moved);
        return longer;
    }

    private static byte[] archive(String name, int method, int megabytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            archive.setMethod(method);
            for (String entry : new String[] {name, "model.weights.h5"}) {
                archive.putNextEntry(new ZipEntry(entry));
                for (int megabyte = 0; megabyte < megabytes; megabyte++) {
                    archive.write(new byte[PLENTY]);
                }
            }
        }
        return bytes.toByteArray();
    }

    /// An archive that is a directory, as its end states.
    private static byte[] directory() {
        int size = 48 << 20;
        ByteBuffer file = ByteBuffer.allocate(size + 22).order(ByteOrder.LITTLE_ENDIAN);
        file.put("PK\u0003\u0004".getBytes(StandardCharsets.ISO_8859_1));
        file.position(size).put("PK\u0005\u0006".getBytes(StandardCharsets.ISO_8859_1));
        file.putInt(0).putInt(0).putInt(size).putInt(0);
        return file.array();
    }

    private static byte[] entries() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            for (int entry = 0; entry < 10_000; entry++) {
                archive.putNextEntry(new ZipEntry("data/" + entry));
            }
        }
        return bytes.toByteArray();
    }

    /// An archive of PyTorch with this pickle.
    private static byte[] pickle(String opcodes) throws IOException {
        byte[] pickle = ("\u0080\u0002" + opcodes).getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            archive.setMethod(ZipOutputStream.STORED);
            ZipEntry entry = new ZipEntry("a/data.pkl");
            CRC32 checksum = new CRC32();
            checksum.update(pickle);
            entry.setSize(pickle.length);
            entry.setCrc(checksum.getValue());
            archive.putNextEntry(entry);
            archive.write(pickle);
        }
        return bytes.toByteArray();
    }

    /// Dicts of which each is both values of the next: `{"a": d, "b": d}`, 40 times.
    private static String shared() {
        StringBuilder pickle = new StringBuilder("}q\0");
        for (int depth = 0; depth < 40; depth++) {
            pickle.append("0}(X\u0001\0\0\0ah\0X\u0001\0\0\0bh\0uq\0");
        }
        return pickle.append('.').toString();
    }

    /// A legacy file whose list of keys has lists, each twice in the next.
    private static byte[] legacy() throws IOException {
        byte[] file = resource("legacy.pth");
        // The keys are the last pickle; the storages follow it.
        int keys = find(file, "\u0080\u0002]q\u0000(X");
        StringBuilder pickle = new StringBuilder("\u0080\u0002]q\0");
        for (int depth = 0; depth < 40; depth++) {
            pickle.append("0](h\0h\0eq\0");
        }
        pickle.append("0](h\0h\0e.");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(file, 0, keys);
        bytes.writeBytes(pickle.toString().getBytes(StandardCharsets.ISO_8859_1));
        bytes.write(new byte[100]);
        return bytes.toByteArray();
    }
}
