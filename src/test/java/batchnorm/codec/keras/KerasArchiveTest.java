package batchnorm.codec.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Wanted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Archives made of the entries of `float16.keras`, which has one batch normalization.
class KerasArchiveTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 16, 16);
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.weights.h5";

    @TempDir private Path directory;

    private static Map<String, byte[]> entries() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (InputStream file =
                        Objects.requireNonNull(
                                KerasArchiveTest.class.getResourceAsStream(
                                        "/checkpoints/keras/float16.keras"));
                ZipInputStream archive = new ZipInputStream(file)) {
            for (ZipEntry entry = archive.getNextEntry();
                    entry != null;
                    entry = archive.getNextEntry()) {
                entries.put(entry.getName(), archive.readAllBytes());
            }
        }
        return entries;
    }

    private static byte[] archive(Map<String, byte[]> entries, int method) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            archive.setMethod(method);
            for (Map.Entry<String, byte[]> content : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(content.getKey());
                CRC32 checksum = new CRC32();
                checksum.update(content.getValue());
                entry.setSize(content.getValue().length);
                entry.setCrc(checksum.getValue());
                archive.putNextEntry(entry);
                archive.write(content.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private Checkpoint read(byte[] archive) throws IOException {
        Path file = directory.resolve("model.keras");
        Files.write(file, archive);
        Path weights = directory.resolve("weights.h5");
        try (KerasArchive open = KerasArchive.open(file);
                InputStream content = open.weights()) {
            Files.copy(content, weights, StandardCopyOption.REPLACE_EXISTING);
            return open.read(weights, Wanted.ALL, LIMITS);
        }
    }

    private Checkpoint readWithConfig(UnaryOperator<String> change) throws IOException {
        Map<String, byte[]> entries = entries();
        String config =
                new String(Objects.requireNonNull(entries.get(CONFIG)), StandardCharsets.UTF_8);
        entries.put(CONFIG, change.apply(config).getBytes(StandardCharsets.UTF_8));
        return read(archive(entries, ZipOutputStream.STORED));
    }

    @Test
    void theConfigurationNamesTheVariables() throws IOException {
        assertThat(readWithConfig(UnaryOperator.identity()).state().values())
                .containsOnlyKeys("bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance");
    }

    @Test
    void withoutTheNameBesideTheVariablesTheirPlaceIsFoundInTheConfiguration() throws IOException {
        Map<String, byte[]> entries = entries();
        replace(Objects.requireNonNull(entries.get(WEIGHTS)), "name", "NAME");
        assertThat(read(archive(entries, ZipOutputStream.STORED)).state().values())
                .containsKey("bn/moving_variance");
    }

    @Test
    void aLayerThatIsNoBatchNormalizationHasOtherVariables() throws IOException {
        assertThat(
                        readWithConfig(config ->
                                        config.replace(
                                                        "\"class_name\": \"BatchNormalization\"",
                                                        "\"class_name\": \"Other\"")
                                                .replace("\"momentum\"", "\"decay\""))
                                .state()
                                .values())
                .doesNotContainKeys("bn/gamma", "bn/vars/0");
    }

    @ParameterizedTest
    @CsvSource({
        "}, '', 'configuration: '",
        "'\"epsilon\"', '\"name\"', 'given twice'",
        "'\"trainable\": true', '\"trainable\": nul', 'configuration: '"
    })
    void aMalformedConfigurationIsRejected(String from, String to, String reason) {
        assertThatThrownBy(() -> readWithConfig(config -> config.replace(from, to)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aConfigurationThatNestsTooDeepIsRejected() {
        assertThatThrownBy(() -> readWithConfig(_ -> "[".repeat(10_000)))
                .isInstanceOf(MalformedTensor.class);
    }

    @Test
    void aConfigurationWithTooManyValuesIsRejected() {
        assertThatThrownBy(() -> readWithConfig(_ -> "[" + "1,".repeat(300_000) + "1]"))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("262144 values");
    }

    @Test
    void compressedEntriesAreRejected() throws IOException {
        byte[] archive = archive(entries(), ZipOutputStream.DEFLATED);
        assertThatThrownBy(() -> read(archive))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("Keras stores entries");
    }

    @Test
    void twoEntriesOfOneNameAreRejected() throws IOException {
        Map<String, byte[]> entries = entries();
        entries.put("config.jsoN", new byte[1]);
        byte[] archive = archive(entries, ZipOutputStream.STORED);
        replace(archive, "config.jsoN", CONFIG);
        assertThatThrownBy(() -> read(archive))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("two entries named \"config.json\"");
    }

    @Test
    void aWrongChecksumIsRejected() throws IOException {
        byte[] archive = archive(entries(), ZipOutputStream.STORED);
        replace(archive, "\"Sequential\"", "\"sequential\"");
        assertThatThrownBy(() -> read(archive))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("checksum of \"config.json\"");
    }

    /// Replaces every occurrence in the bytes.
    private static void replace(byte[] bytes, String from, String to) {
        byte[] old = from.getBytes(StandardCharsets.US_ASCII);
        byte[] present = to.getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at + old.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + old.length, old, 0, old.length)) {
                System.arraycopy(present, 0, bytes, at, present.length);
            }
        }
    }
}
