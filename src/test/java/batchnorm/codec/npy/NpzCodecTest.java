package batchnorm.codec.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Trickle;
import batchnorm.codec.Wanted;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpzCodecTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 16);
    private static final NpzCodec CODEC = new NpzCodec();

    @ParameterizedTest
    @ValueSource(strings = {"stored", "deflated", "streamed-deflated"})
    void readsWhatNumpyWrites(String fixture) throws IOException {
        byte[] bytes = NpyCodecTest.fixture("npy/" + fixture + ".npz");
        for (int step = 1; step < 2000; step = step * 3 / 2 + 1) {
            Message message = CODEC.decode(new Trickle(bytes, step), Fields.ALL, LIMITS);
            Tensor input = message.requireTensor("input");
            assertThat(input.shape()).isEqualTo(Shape.of(2, 3, 4));
            assertThat(input.dataType()).isEqualTo(DataType.FP32);
            assertThat(input.at(23)).isEqualTo(17.5);
            assertThat(message.vector("vector")).containsExactly(1.5, -2.5);
            assertThat(message.number("number")).isEqualTo(0.5);
            assertThat(message.integer("integer")).isEqualTo(7);
            assertThat(message.bool("flag")).isTrue();
            assertThat(message.text("text")).isEqualTo("hé😀");
        }
    }

    @Test
    void refusesAnArchiveThatTellsItsSizesTooLate() throws IOException {
        byte[] bytes = NpyCodecTest.fixture("npy/streamed-stored.npz");
        assertThatThrownBy(() -> decode(bytes))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("must declare its size first");
    }

    @Test
    void refusesACheckpointOfManyLargeArrays() throws IOException {
        byte[] archive =
                encode(new Message().with("a", new double[600]).with("b", new double[600]));
        for (Wanted wanted : new Wanted[] {Wanted.ALL, new Wanted(name -> false)}) {
            assertThatThrownBy(() ->
                            NpzCodec.decode(new ByteArrayInputStream(archive), wanted, LIMITS))
                    .isInstanceOf(BodyTooLarge.class)
                    .hasMessageContaining("8000 bytes together");
        }
    }

    @Test
    void readsTheSelectedArraysOfACheckpoint() throws IOException {
        byte[] archive =
                encode(
                        new Message()
                                .with("note", "a text, of four bytes a character")
                                .with("bn.weight", Tensor.of(Shape.of(2), 1.5f, -2f))
                                .with("flag", true)
                                .with("bn.steps", 7L)
                                .with("empty", "")
                                .with("other", new double[3]));
        Wanted wanted = new Wanted(name -> name.startsWith("bn."));
        Checkpoint read = NpzCodec.decode(new Trickle(archive, 50), wanted, LIMITS);
        assertThat(read.state().values()).containsOnlyKeys("bn.weight", "bn.steps");
        assertThat(read.state().requireTensor("bn.weight").toDoubles()).containsExactly(1.5, -2);
        assertThat(read.state().integer("bn.steps")).isEqualTo(7);
        assertThat(read.skipped()).containsExactly("note", "flag", "empty", "other");
    }

    @Test
    void refusesACheckpointThatLies() throws IOException {
        byte[] twice = archive("input.npy", "input_npy");
        int second = new String(twice, StandardCharsets.ISO_8859_1).indexOf("input_npy");
        twice[second + 5] = '.';
        ByteArrayOutputStream longer = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(longer)) {
            archive.putNextEntry(new ZipEntry("input.npy"));
            NpyArray.write(Tensor.of(Shape.of(1), 1f), archive);
            archive.write(0);
        }
        byte[] changed = encode(new Message().with("input", new double[] {0x7A7B7C7D}));
        changed[directory(changed) - 1] ^= 1;
        for (Wanted wanted : new Wanted[] {Wanted.ALL, new Wanted(name -> false)}) {
            assertRefused(twice, wanted, "the array \"input\" is given twice");
            assertRefused(longer.toByteArray(), wanted, "input, byte 132: the body continues");
            assertRefused(changed, wanted, "checksum is wrong");
        }
    }

    /// NumPy 2.4 wrote `foreign.npz`, with two floats under `bn.weight` and arrays of unsupported
    /// types.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void passesOverArraysOfForeignTypes(boolean wanted) throws IOException {
        byte[] archive = NpyCodecTest.fixture("npy/foreign.npz");
        Wanted selection = new Wanted(name -> wanted || name.startsWith("bn."));
        Checkpoint read = NpzCodec.decode(new Trickle(archive, 50), selection, LIMITS);
        assertThat(read.state().values()).containsOnlyKeys("bn.weight", "bn.steps");
        assertThat(read.state().requireTensor("bn.weight").toDoubles()).containsExactly(1.5, -2);
        assertThat(read.state().integer("bn.steps")).isEqualTo(7);
        Set<String> foreign = new TreeSet<>(read.skipped());
        foreign.addAll(read.unreadable().keySet());
        assertThat(foreign)
                .containsExactly(
                        "bytes",
                        "complex",
                        "dates",
                        "flags",
                        "history",
                        "log.txt",
                        "long-double",
                        "structured",
                        "texts",
                        "whole");
        assertThat(read.unreadable().get("history")).contains("object array (pickle)");
        assertThat(read.unreadable().get("structured")).contains("structured");
        assertThat(read.unreadable().get("dates")).contains("M8[ns]");
        assertThat(read.unreadable().get("log.txt")).contains("not an .npy array");
        if (wanted) {
            assertThat(read.skipped()).isEmpty();
            assertThat(read.unreadable().get("complex")).contains("<c8");
            assertThat(read.unreadable().get("texts")).contains("<U5");
            assertThat(read.unreadable().get("whole")).contains("<i8").contains("[3]");
        }
    }

    @Test
    void countsArraysOfForeignTypesAgainstTheLimit() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            archive.putNextEntry(new ZipEntry("history.npy"));
            archive.write(new byte[8010]);
        }
        assertThatThrownBy(() ->
                        NpzCodec.decode(
                                new ByteArrayInputStream(bytes.toByteArray()), Wanted.ALL, LIMITS))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("8000 bytes together");
    }

    private static void assertRefused(byte[] archive, Wanted wanted, String reason) {
        assertThatThrownBy(() -> NpzCodec.decode(new ByteArrayInputStream(archive), wanted, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(reason);
    }

    /// Equal messages have equal bytes, at any time.
    @Test
    void writesWhatOthersRead() throws IOException {
        Message message =
                new Message().with("output", Tensor.of(Shape.of(2), 1.5f, -2f)).with("count", 7L);
        try (ZipInputStream archive =
                new ZipInputStream(new ByteArrayInputStream(encode(message)))) {
            for (String name : new String[] {"output.npy", "count.npy"}) {
                ZipEntry entry = archive.getNextEntry();
                assertThat(entry.getName()).isEqualTo(name);
                assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
                assertThat(entry.getTimeLocal()).isEqualTo(LocalDateTime.of(1980, 1, 1, 0, 0));
                assertThat(archive.readAllBytes()).hasSize(128 + 8);
                assertThat(entry.getSize()).isEqualTo(128 + 8);
                assertThat(entry.getCompressedSize()).isEqualTo(128 + 8);
            }
            assertThat(archive.getNextEntry()).isNull();
        }
    }

    @Test
    void writesWhatItReads() throws IOException {
        Message message =
                new Message()
                        .with("input", Tensor.of(Shape.of(2, 1), 1.5f, Float.NaN))
                        .with("grad_output", Tensor.of(Shape.of(0, 3), new double[0]))
                        .with("vector", new double[] {1, Double.NEGATIVE_INFINITY})
                        .with("number", 0.1)
                        .with("optional", (Double) null)
                        .with("integer", Long.MIN_VALUE)
                        .with("flag", false)
                        .with("text", "é😀");
        Message read = decode(encode(message));
        assertThat(read.values().keySet())
                .containsExactly(
                        "input", "grad_output", "vector", "number", "integer", "flag", "text");
        assertThat(read.requireTensor("input").at(1)).isNaN();
        assertThat(read.requireTensor("grad_output").shape()).isEqualTo(Shape.of(0, 3));
        assertThat(read.vector("vector")).containsExactly(1, Double.NEGATIVE_INFINITY);
        assertThat(read.number("number")).isEqualTo(0.1);
        assertThat(read.integer("integer")).isEqualTo(Long.MIN_VALUE);
        assertThat(read.bool("flag")).isFalse();
        assertThat(read.text("text")).isEqualTo("é😀");
        assertThat(encode(read)).isEqualTo(encode(message));
    }

    @ParameterizedTest
    @ValueSource(strings = {"stored", "deflated"})
    void refusesABodyCutOffAnywhere(String fixture) throws IOException {
        byte[] bytes = NpyCodecTest.fixture("npy/" + fixture + ".npz");
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> decode(cut))
                    .as("cut at %d", length)
                    .isInstanceOf(MalformedTensor.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stored", "deflated", "streamed-deflated"})
    void noticesEveryChangedByteOfAnArray(String fixture) throws IOException {
        byte[] bytes = NpyCodecTest.fixture("npy/" + fixture + ".npz");
        int start = 30 + "input.npy".length() + 20;
        for (int place = start; place < start + 100; place++) {
            byte[] changed = bytes.clone();
            changed[place] ^= 0x10;
            assertThatThrownBy(() -> decode(changed))
                    .as("changed at %d", place)
                    .isInstanceOfAny(MalformedTensor.class, BodyTooLarge.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "inputs.npy, did you mean",
        "input, unknown field",
        "../input.npy, unknown field",
        "/input.npy, unknown field",
        "a/input.npy, unknown field",
        "object.npy, cannot be an array",
    })
    void refusesOtherNames(String name, String reason) throws IOException {
        byte[] bytes = archive(name);
        assertThatThrownBy(() -> decode(bytes))
                .isInstanceOf(InvalidField.class)
                .hasMessageContaining(reason);
    }

    @Test
    void refusesAFieldGivenTwice() throws IOException {
        byte[] bytes = archive("input.npy", "input_npy");
        int second = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("input_npy");
        bytes[second + 5] = '.';
        assertThatThrownBy(() -> decode(bytes))
                .isInstanceOf(InvalidField.class)
                .hasMessageContaining("given twice");
    }

    @Test
    void refusesAZipBombByTheSizeItTells() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            archive.putNextEntry(new ZipEntry("input.npy"));
            NpyArray.write(Tensor.of(Shape.of(1000, 1000), new float[1_000_000]), archive);
        }
        assertThat(bytes.size()).isLessThan(10_000);
        assertThatThrownBy(() -> decode(bytes.toByteArray())).isInstanceOf(BodyTooLarge.class);
    }

    @Test
    void refusesAZipBombBehindAnArray() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            archive.putNextEntry(new ZipEntry("input.npy"));
            NpyArray.write(Tensor.of(Shape.of(1), 1f), archive);
            archive.write(new byte[1_000_000]);
        }
        assertThatThrownBy(() -> decode(bytes.toByteArray()))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("continues after its end");
    }

    @Test
    void refusesADirectoryOfOtherEntries() throws IOException {
        byte[] one = archive("input.npy");
        byte[] two = archive("input.npy", "vector.npy");
        ByteArrayOutputStream mixed = new ByteArrayOutputStream();
        mixed.write(one, 0, directory(one));
        mixed.write(two, directory(two), two.length - directory(two));
        assertThatThrownBy(() -> decode(mixed.toByteArray()))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("the directory lists 2 entries, but there are 1");
    }

    @Test
    void refusesBytesBehindTheArchive() throws IOException {
        byte[] bytes = archive("input.npy");
        assertThatThrownBy(() -> decode(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("continues after its end");
    }

    private static int directory(byte[] archive) {
        return new String(archive, StandardCharsets.ISO_8859_1).indexOf("PK\1\2");
    }

    private static byte[] archive(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            for (String name : names) {
                archive.putNextEntry(new ZipEntry(name));
                NpyArray.write(Tensor.of(Shape.of(1), 1f), archive);
            }
        }
        return bytes.toByteArray();
    }

    private static Message decode(byte[] bytes) throws IOException {
        return CODEC.decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS);
    }

    private static byte[] encode(Message message) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        CODEC.encode(message, body);
        return body.toByteArray();
    }
}
