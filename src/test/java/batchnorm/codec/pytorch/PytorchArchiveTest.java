package batchnorm.codec.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Selection;
import batchnorm.codec.Wanted;
import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `views.pth` was written by `views.py`, with PyTorch 2.13.
class PytorchArchiveTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 16, 16);

    @TempDir private Path directory;

    private Path copy(String name) throws IOException {
        Path file = directory.resolve(name);
        try (InputStream content =
                Objects.requireNonNull(getClass().getResourceAsStream("/checkpoints/" + name))) {
            Files.copy(content, file);
        }
        return file;
    }

    @Test
    void readsViewsOfEveryKind() throws IOException {
        Checkpoint checkpoint = PytorchArchive.read(copy("views.pth"), Wanted.ALL, LIMITS);
        Map<String, @Nullable Object> tensors = checkpoint.state().values();
        String state = "model_state_dict.";
        assertThat(numbers(tensors.get(state + "shared.weight")))
                .containsExactly(2f / 7, 3f / 7, 4f / 7, 5f / 7);
        assertThat(numbers(tensors.get(state + "shared.bias")))
                .containsExactly(6f / 7, 8f / 7, 10f / 7, 12f / 7);
        assertThat(((Tensor) Objects.requireNonNull(tensors.get(state + "shared.bias"))).dataType())
                .isEqualTo(DataType.FP32);
        assertThat(numbers(tensors.get(state + "shared.running_mean")))
                .containsExactly(1 / 3.0, 4 / 3.0, 7 / 3.0, 10 / 3.0);
        assertThat(numbers(tensors.get(state + "shared.running_var"))).containsExactly(1, 1, 1, 1);
        assertThat(numbers(tensors.get(state + "narrow.weight")))
                .containsExactly(0x1.998p-4, -2.5, 65504, 0x1p-24);
        assertThat(numbers(tensors.get(state + "narrow.bias")))
                .containsExactly(0x1.9ap-4, 0x1.c4p127, -1, 0);
        assertThat(numbers(tensors.get(state + "narrow.running_mean")))
                .containsExactly(2 / 3.0, 5 / 3.0, 8 / 3.0, 11 / 3.0);
        assertThat(tensors.get(state + "narrow.num_batches_tracked")).isEqualTo(7L);
        assertThat(tensors.get(state + "tied.weight"))
                .isSameAs(tensors.get(state + "narrow.weight"));
        assertThat(checkpoint.unreadable())
                .containsOnlyKeys(state + "sparse", state + "complex", state + "mask");
        assertThat(tensors).containsKey("optimizer.state.0.exp_avg");
    }

    private static double[] numbers(@Nullable Object tensor) {
        return ((Tensor) Objects.requireNonNull(tensor)).toDoubles();
    }

    @Test
    void boundsTheSelectedTensorsTogether() throws IOException {
        Path file = copy("state_dict.pth");
        assertThatThrownBy(() -> PytorchArchive.read(file, Wanted.ALL, new Codec.Limits(60, 16)))
                .isInstanceOf(BodyTooLarge.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"data/3", "data.pkl"})
    void aMissingEntryIsNamed(String missing) throws IOException {
        Path file = rewritten((name, content) -> name.endsWith("/" + missing) ? null : content);
        assertThatThrownBy(() -> PytorchArchive.read(file, Wanted.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(missing);
    }

    @Test
    void aStorageOfAnotherLengthIsRefused() throws IOException {
        Path file =
                rewritten((name, content) -> name.endsWith("data/3") ? new byte[1 << 10] : content);
        assertThatThrownBy(() -> PytorchArchive.read(file, Wanted.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("\"3\" has 1024 bytes");
    }

    @Test
    void aFlippedBitIsDetected() throws IOException {
        Path file = copy("state_dict.pth");
        byte[] bytes = Files.readAllBytes(file);
        String name = "state_dict/data/0";
        int header = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(name) - 30;
        int extra = bytes[header + 28] & 0xFF | (bytes[header + 29] & 0xFF) << 8;
        int at = header + 30 + name.length() + extra;
        bytes[at] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> PytorchArchive.read(file, Wanted.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("checksum of the storage \"0\"");
    }

    @Test
    void scriptsAreRefusedByName() throws IOException {
        Path file = rewritten((_, content) -> content, "state_dict/constants.pkl");
        assertThatThrownBy(() -> PytorchArchive.read(file, Wanted.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("TorchScript")
                .hasMessageContaining("state_dict()");
    }

    /// Any damage is rejected, or detected by nothing because no selected byte changed.
    @Test
    void damagedFilesGiveAClearRefusal() throws IOException {
        Random random = RandomSeed.random(22);
        Path file = copy("training.pth.tar");
        byte[] whole = Files.readAllBytes(file);
        Path damaged = directory.resolve("damaged");
        for (int i = 0; i < 300; i++) {
            byte[] bytes = whole.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(damaged, bytes);
            read(damaged, Wanted.ALL);
        }
    }

    private static void read(Path file, Selection selection) throws IOException {
        try {
            PytorchArchive.read(file, selection, LIMITS);
        } catch (MalformedTensor | BodyTooLarge refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(500);
        }
    }

    /// Returns `state_dict.pth` with other entries, and further ones with one byte.
    ///
    /// @param change returns null to leave an entry out
    private Path rewritten(BiFunction<String, byte[], byte @Nullable []> change, String... further)
            throws IOException {
        Path file = directory.resolve("rewritten");
        try (ZipFile source = new ZipFile(copy("state_dict.pth").toFile());
                ZipOutputStream target = new ZipOutputStream(Files.newOutputStream(file))) {
            for (ZipEntry entry : Collections.list(source.entries())) {
                byte[] content =
                        change.apply(entry.getName(), source.getInputStream(entry).readAllBytes());
                if (content != null) {
                    store(target, entry.getName(), content);
                }
            }
            for (String name : further) {
                store(target, name, new byte[1]);
            }
        }
        return file;
    }

    private static void store(ZipOutputStream target, String name, byte[] content)
            throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        CRC32 checksum = new CRC32();
        checksum.update(content);
        entry.setCrc(checksum.getValue());
        target.putNextEntry(entry);
        target.write(content);
        target.closeEntry();
    }
}
