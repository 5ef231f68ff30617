package batchnorm.codec.npy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Trickle;
import batchnorm.codec.binary.BinaryBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Handmade archives of one entry, each with an unusual feature (PKWARE, APPNOTE.TXT, sections 4.3
/// to 4.5).
class ZipEntriesTest {
    private static final byte[] CONTENT = "the quick brown fox, ".repeat(40).getBytes(US_ASCII);
    private static final long IN_ZIP64_FIELD = 0xFFFFFFFFL;

    private int flags;
    private int method;
    private byte[] stored = CONTENT;
    private long checksum = checksum();
    private long compressedSize = CONTENT.length;
    private byte[] extra = {};
    private byte[] descriptor = {};
    private byte[] behindDirectory = {};
    private byte[] comment = {};

    private static long checksum() {
        CRC32 checksum = new CRC32();
        checksum.update(CONTENT);
        return checksum.getValue();
    }

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void deflate() {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(CONTENT);
        deflater.finish();
        byte[] room = new byte[CONTENT.length];
        int size = deflater.deflate(room);
        deflater.end();
        method = 8;
        stored = Arrays.copyOf(room, size);
        compressedSize = size;
    }

    private byte[] archive() throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        archive.write(
                bytes(30)
                        .putInt(0x04034B50)
                        .putShort((short) 20)
                        .putShort((short) flags)
                        .putShort((short) method)
                        .putInt(0x12345678)
                        .putInt((int) checksum)
                        .putInt((int) compressedSize)
                        .putInt(CONTENT.length)
                        .putShort((short) 3)
                        .putShort((short) extra.length)
                        .array());
        archive.write("é1".getBytes(UTF_8));
        archive.write(extra);
        archive.write(stored);
        archive.write(descriptor);
        // The reader uses only the lengths of name, extra field and comment from the directory.
        archive.write(
                bytes(46)
                        .putInt(0x02014B50)
                        .putShort(28, (short) 300)
                        .putShort(30, (short) 400)
                        .putShort(32, (short) 500)
                        .array());
        archive.write(new byte[1200]);
        archive.write(behindDirectory);
        archive.write(bytes(22).putInt(0x06054B50).putShort(20, (short) comment.length).array());
        archive.write(comment);
        return archive.toByteArray();
    }

    private void assertReads() throws IOException {
        byte[] archive = archive();
        for (int step : new int[] {1, 13, 10_000}) {
            BinaryBody body = new BinaryBody(new Trickle(archive, step), "it", 0);
            try (ZipEntries entries = new ZipEntries(body)) {
                assertThat(entries.next()).isEqualTo("é1");
                assertThat(entries.content().readAllBytes()).isEqualTo(CONTENT);
                entries.endEntry();
                assertThat(entries.next()).isNull();
            }
        }
    }

    private void assertRefused(String reason) throws IOException {
        byte[] archive = archive();
        assertThatThrownBy(
                        () -> {
                            BinaryBody body = new BinaryBody(new Trickle(archive, 100), "it", 0);
                            try (ZipEntries entries = new ZipEntries(body)) {
                                while (entries.next() != null) {
                                    entries.content().readAllBytes();
                                    entries.endEntry();
                                }
                            }
                        })
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(reason);
    }

    @Test
    void areStoredOrDeflated() throws IOException {
        assertReads();
        deflate();
        assertReads();
    }

    @Test
    void giveTheirBytesOneByOne() throws IOException {
        for (int turn = 0; turn < 2; turn++) {
            BinaryBody body = new BinaryBody(new Trickle(archive(), 7), "it", 0);
            try (ZipEntries entries = new ZipEntries(body)) {
                entries.next();
                for (byte expected : CONTENT) {
                    assertThat(entries.content().read()).isEqualTo(expected);
                }
                assertThat(entries.content().read()).isEqualTo(-1);
                entries.endEntry();
            }
            deflate();
        }
    }

    /// Archives written to a stream without seeking, with and without the common signature.
    @ParameterizedTest
    @CsvSource({"12, false", "16, false", "20, true", "24, true"})
    void mayDeclareTheirSizesAfterwards(int length, boolean zip64) throws IOException {
        deflate();
        flags = 8;
        descriptor = new byte[length];
        ByteBuffer behind = ByteBuffer.wrap(descriptor).order(ByteOrder.LITTLE_ENDIAN);
        if (length % 8 == 0) {
            behind.putInt(0x08074B50);
        }
        behind.putInt((int) checksum);
        extra = zip64 ? zip64(0, 0) : extra;
        checksum = 0;
        compressedSize = 0;
        assertReads();
        descriptor[length % 8 == 0 ? 4 : 0]++;
        assertRefused("an entry's checksum is wrong");
    }

    private static byte[] zip64(long size, long compressedSize) {
        return bytes(20)
                .putShort((short) 1)
                .putShort((short) 16)
                .putLong(size)
                .putLong(compressedSize)
                .array();
    }

    @Test
    void mayTellTheirSizesAs64Bits() throws IOException {
        extra = zip64(CONTENT.length, CONTENT.length);
        compressedSize = IN_ZIP64_FIELD;
        assertReads();
        // With the offset in the archive, and surrounded by other fields.
        extra =
                bytes(46)
                        .putShort((short) 7)
                        .putShort((short) 2)
                        .putShort((short) 0)
                        .putShort((short) 1)
                        .putShort((short) 24)
                        .putLong(CONTENT.length)
                        .putLong(CONTENT.length)
                        .putLong(0)
                        .putInt(9)
                        .array();
        assertReads();
    }

    @Test
    void declareTheirSizeThereOnlyWhereTheyPointToIt() throws IOException {
        extra = zip64(1, 1);
        assertReads();
    }

    /// Extra fields of an unknown kind, empty, or too short.
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 7, 300})
    void mayHaveOtherFields(int length) throws IOException {
        extra = new byte[length];
        if (length >= 4) {
            ByteBuffer.wrap(extra)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putShort((short) 0x7075)
                    .putShort((short) (length - 4));
        }
        assertReads();
        // A ZIP64 field that is too short for 64-bit sizes is ignored.
        extra = bytes(12).putShort((short) 1).putShort((short) 8).array();
        assertReads();
    }

    @Test
    void fitTheirHeader() throws IOException {
        extra = bytes(6).putShort((short) 7).putShort((short) 3).array();
        assertRefused("an entry's header is inconsistent");
        extra = zip64(CONTENT.length, -1);
        compressedSize = IN_ZIP64_FIELD;
        assertRefused("an entry's header is inconsistent");
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 8", "0, 12", "9, 8"})
    void areNeitherEncryptedNorCompressedOtherwise(int flags, int method) throws IOException {
        this.flags = flags;
        this.method = method;
        assertRefused("entries must be stored or deflated, and not encrypted");
    }

    @Test
    void haveTheSizeThatTheirHeaderTells() throws IOException {
        deflate();
        compressedSize++;
        assertRefused("the size of an entry differs from its header");
        compressedSize -= 2;
        assertRefused("the size of an entry differs from its header");
    }

    @Test
    void areWhatTheirChecksumTells() throws IOException {
        checksum ^= 1;
        assertRefused("an entry's checksum is wrong");
        deflate();
        assertRefused("an entry's checksum is wrong");
    }

    @Test
    void areDeflatedAsTheySay() throws IOException {
        method = 8;
        stored = new byte[] {7}; // an invalid kind of block
        assertRefused("an entry is not deflated: invalid block type");
    }

    @Test
    void areFollowedByADirectoryWithAllThatItMayHave() throws IOException {
        comment = "by hand".getBytes(US_ASCII);
        behindDirectory =
                bytes(4 + 8 + 44 + 4 + 16)
                        .putInt(0x06064B50)
                        .putLong(44)
                        .position(56)
                        .putInt(0x07064B50)
                        .array();
        assertReads();
        comment = new byte[40_000];
        assertReads();
        behindDirectory = bytes(12).putInt(0x06064B50).putLong(-1).array();
        assertRefused("a length in the archive is negative");
        behindDirectory = bytes(4).putInt(0x08080808).array();
        assertRefused("expected an entry or the directory of a ZIP archive");
    }
}
