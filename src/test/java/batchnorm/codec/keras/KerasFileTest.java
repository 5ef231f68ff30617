package batchnorm.codec.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.LayerSettings;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Selection;
import batchnorm.codec.Wanted;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `hdf5_files.py` wrote the files, with h5py 3.14.
class KerasFileTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 16, 16);

    private static Path file(String name) {
        URL resource = KerasFileTest.class.getResource("/checkpoints/keras/" + name);
        try {
            return Path.of(Objects.requireNonNull(resource).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Checkpoint read(String name, Selection selection) throws IOException {
        return KerasFile.read(file(name), selection, LIMITS);
    }

    private static Map<String, @Nullable Object> tensors(String name) throws IOException {
        return read(name, Wanted.ALL).state().values();
    }

    private static Tensor tensor(Map<String, @Nullable Object> tensors, String name) {
        return (Tensor) Objects.requireNonNull(tensors.get(name), name);
    }

    @ParameterizedTest
    @CsvSource({
        "big, FP32, 0.3333333432674408",
        "double, FP64, 0.3333333333333333",
        "half_big, FP16, 0.333251953125",
        "compact, FP32, 0.3333333432674408"
    })
    void readsTheTypesByteOrdersAndLayoutsOfHdf5(String group, DataType type, double third)
            throws IOException {
        Map<String, @Nullable Object> tensors = tensors("arrays.weights.h5");
        Tensor first = tensor(tensors, group + "/vars/0");
        assertThat(first.dataType()).isEqualTo(type);
        assertThat(first.toDoubles()).containsExactly(0.5, third);
        assertThat(tensor(tensors, group + "/vars/3").at(0)).isEqualTo(3.5);
    }

    @Test
    void namesWhatItDoesNotReadWithTheReason() throws IOException {
        Checkpoint checkpoint = read("arrays.weights.h5", Wanted.ALL);
        assertThat(checkpoint.format()).isEqualTo(FileFormat.KERAS_WEIGHTS);
        assertThat(checkpoint.unreadable())
                .containsOnlyKeys(
                        "chunked/vars/0",
                        "chunked/vars/1",
                        "chunked/vars/2",
                        "chunked/vars/3",
                        "long/vars/0",
                        "complex/vars/0",
                        "text")
                .hasEntrySatisfying(
                        "chunked/vars/0", reason -> assertThat(reason).contains("chunks"))
                .hasEntrySatisfying("long/vars/0", reason -> assertThat(reason).contains("[3]"));
        assertThat(checkpoint.state().integer("long/vars/1")).isEqualTo(-3);
    }

    @Test
    void readsTheNewestStructures() throws IOException {
        Map<String, @Nullable Object> tensors = tensors("newest.weights.h5");
        assertThat(tensors).hasSize(160);
        assertThat(tensor(tensors, "layers/norm39/vars/2").at(0)).isEqualTo(2.5);
    }

    @ParameterizedTest
    @CsvSource({"links.weights.h5, external soft", "soft.weights.h5, soft"})
    void followsNoLink(String name, String links) throws IOException {
        Checkpoint checkpoint = read(name, Wanted.ALL);
        assertThat(checkpoint.unreadable()).containsOnlyKeys(links.split(" "));
        assertThat(checkpoint.state().values()).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({
        "cycle.weights.h5, 'contains itself', layers/again",
        "deep.weights.h5, '32 deep', d/d/d"
    })
    void groupsInCirclesAreRejected(String name, String reason, String place) {
        assertThatThrownBy(() -> read(name, Wanted.ALL))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(reason)
                .hasMessageContaining(place);
    }

    @Test
    void readsTheNamesAndTheConfigurationOfKeras2() throws IOException {
        Checkpoint checkpoint = read("keras2.h5", Wanted.ALL);
        assertThat(checkpoint.format()).isEqualTo(FileFormat.KERAS_LEGACY);
        assertThat(checkpoint.state().values())
                .containsOnlyKeys(
                        "batch_normalization/gamma:0",
                        "batch_normalization/beta:0",
                        "batch_normalization/moving_mean:0",
                        "batch_normalization/moving_variance:0");
        assertThat(checkpoint.settings())
                .containsExactly(
                        Map.entry("batch_normalization", new LayerSettings(0.002, 0.9, 3)));
    }

    @Test
    void readsWeightsOfKeras2WithoutAConfiguration() throws IOException {
        Checkpoint checkpoint = read("keras2.weights.h5", Wanted.ALL);
        assertThat(checkpoint.format()).isEqualTo(FileFormat.KERAS_LEGACY);
        assertThat(tensor(checkpoint.state().values(), "bn/gamma:0").toDoubles())
                .containsExactly(0.5, 0.25);
        assertThat(checkpoint.settings()).isEmpty();
    }

    @Test
    void readsSelectedVariablesAlone() throws IOException {
        Checkpoint checkpoint = read("arrays.weights.h5", new Wanted(_ -> false));
        assertThat(checkpoint.state().values()).isEmpty();
        assertThat(checkpoint.skipped()).contains("big/vars/0", "chunked/vars/0");
    }

    @Test
    void variablesAreCountedBeforeTheyAreRead() {
        assertThatThrownBy(() ->
                        KerasFile.read(
                                file("arrays.weights.h5"), Wanted.ALL, new Codec.Limits(16, 16)))
                .isInstanceOf(BodyTooLarge.class);
        assertThatThrownBy(() ->
                        KerasFile.read(
                                file("arrays.weights.h5"), Wanted.ALL, new Codec.Limits(1, 16)))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("shape");
    }

    @Test
    void aSelectionIsAskedForEveryName() throws IOException {
        Checkpoint checkpoint =
                read(
                        "keras2.weights.h5",
                        new Selection() {
                            @Override
                            public Set<String> among(Set<String> names) {
                                assertThat(names).hasSize(4);
                                return Set.of("bn/beta:0");
                            }

                            @Override
                            public boolean mayBe(String name) {
                                return true;
                            }
                        });
        assertThat(checkpoint.state().values()).containsOnlyKeys("bn/beta:0");
    }
}
