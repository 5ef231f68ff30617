package batchnorm.checkpoint.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.checkpoint.CheckpointFile;
import batchnorm.checkpoint.fold.FoldReport.Folded;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateDictFoldingTest {
    private static final double EPSILON = 1e-5;
    private final Random random = RandomSeed.random(1);

    private static StateDictFolding inferred() {
        return new StateDictFolding(null, Set.of(), EPSILON);
    }

    private static StateDictFolding paired(String pairs, String... transposed) {
        return new StateDictFolding(Pair.parse(pairs), Set.of(transposed), EPSILON);
    }

    private Tensor tensor(int... dimensions) {
        Shape shape = Shape.of(dimensions);
        return Tensor.of(shape, random.doubles(shape.elements(), 0.5, 2).toArray());
    }

    private void normalize(Message state, String path, int features) {
        for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
            state.with(path + "." + part, tensor(features));
        }
        state.put(path + ".num_batches_tracked", 7L);
    }

    private static Checkpoint checkpoint(FileFormat format, Message state) {
        return new Checkpoint(format, state, List.of(), Map.of());
    }

    private static double[] numbers(Message state, String name) {
        return Objects.requireNonNull(state.tensor(name)).toDoubles();
    }

    /// The layers of this file are `stem.0`, `stem.1`, `block.conv`, `block.bn`, `head`, `head_bn`,
    /// as PyTorch wrote it.
    @ParameterizedTest
    @ValueSource(strings = {"state_dict.pth", "legacy.pth"})
    void aFileOfPytorchIsPairedByNamesAndOrder(String name) throws IOException {
        Checkpoint checkpoint;
        try (InputStream file =
                Objects.requireNonNull(getClass().getResourceAsStream("/checkpoints/" + name))) {
            checkpoint =
                    CheckpointFile.read(
                            file, false, StateDictFolding.ALL, new Codec.Limits(1 << 16, 16));
        }
        StateDictFolding.Result result = inferred().fold(checkpoint);
        assertThat(result.report().left()).isEmpty();
        assertThat(result.report().folded())
                .extracting(Folded::node)
                .containsExactly("stem.1", "block.bn", "head_bn");
        assertThat(result.state().values().keySet())
                .noneMatch(each -> each.contains("running") || each.contains("num_batches"))
                .contains("stem.0.weight", "stem.0.bias");
    }

    @Test
    void everyNumberIsTheFormula() {
        Message state = new Message();
        state.with("conv1.weight", tensor(3, 2, 1));
        normalize(state, "bn1", 3);
        Message folded = inferred().fold(checkpoint(FileFormat.SAFETENSORS, state)).state();
        double[] weight = numbers(state, "conv1.weight");
        for (int out = 0; out < 3; out++) {
            double scale =
                    numbers(state, "bn1.weight")[out]
                            / Math.sqrt(numbers(state, "bn1.running_var")[out] + EPSILON);
            for (int in = 0; in < 2; in++) {
                assertThat(numbers(folded, "conv1.weight")[2 * out + in])
                        .isCloseTo(scale * weight[2 * out + in], within(1e-14));
            }
            assertThat(numbers(folded, "conv1.bias")[out])
                    .isCloseTo(
                            numbers(state, "bn1.bias")[out]
                                    - scale * numbers(state, "bn1.running_mean")[out],
                            within(1e-14));
        }
        assertThat(folded.values()).containsOnlyKeys("conv1.weight", "conv1.bias");
    }

    /// In a file of safetensors `bn1`, `bn2`, `conv1`, `conv2` follow each other.
    @Test
    void namesPairLayersWhereTheOrderIsSorted() {
        Message state = new Message();
        normalize(state, "layer.0.bn1", 3);
        normalize(state, "layer.0.bn2", 4);
        normalize(state, "layer.0.downsample.1", 4);
        normalize(state, "norm", 5);
        state.with("layer.0.conv1.weight", tensor(3, 2, 1));
        state.with("layer.0.conv2.weight", tensor(4, 3, 1));
        state.with("layer.0.downsample.0.weight", tensor(4, 2, 1));
        StateDictFolding.Result result = inferred().fold(checkpoint(FileFormat.SAFETENSORS, state));
        assertThat(result.report().folded())
                .containsExactly(
                        new Folded("layer.0.bn1", "layer.0.conv1"),
                        new Folded("layer.0.bn2", "layer.0.conv2"),
                        new Folded("layer.0.downsample.1", "layer.0.downsample.0"));
        assertThat(result.report().left().getFirst().reason()).contains("pairs=");
        assertThat(result.state().values()).containsKey("norm.running_mean");
    }

    @Test
    void pairsNameLayersByTheEndsOfTheirPaths() {
        Message state = new Message();
        state.with("model.a.weight", tensor(2, 3));
        normalize(state, "model.x", 2);
        normalize(state, "model.y", 4);
        state.with("model.up.weight", tensor(4, 2, 3));
        StateDictFolding.Result result =
                paired("a:x, up:y", "up").fold(checkpoint(FileFormat.NPZ, state));
        assertThat(result.report().folded())
                .containsExactly(
                        new Folded("model.x", "model.a"), new Folded("model.y", "model.up"));
        assertThat(numbers(result.state(), "model.up.bias")).hasSize(4);
    }

    @Test
    void aNormalizationThatIsNamedFirstFoldsIntoTheLayerBehindIt() {
        Message state = new Message();
        normalize(state, "bn", 3);
        state.with("fc.weight", tensor(2, 3));
        Message folded = paired("bn:fc").fold(checkpoint(FileFormat.NPZ, state)).state();
        double[] x = {0.3, -1, 2};
        for (int out = 0; out < 2; out++) {
            double expected = 0;
            double found = numbers(folded, "fc.bias")[out];
            for (int in = 0; in < 3; in++) {
                double normalized =
                        (x[in] - numbers(state, "bn.running_mean")[in])
                                        / Math.sqrt(numbers(state, "bn.running_var")[in] + EPSILON)
                                        * numbers(state, "bn.weight")[in]
                                + numbers(state, "bn.bias")[in];
                expected += numbers(state, "fc.weight")[3 * out + in] * normalized;
                found += numbers(folded, "fc.weight")[3 * out + in] * x[in];
            }
            assertThat(found).isCloseTo(expected, within(1e-13));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"conv", "conv:bn:x", "conv:", "nothing:bn", "conv:conv"})
    void aPairThatIsNoneIsRefused(String pairs) {
        Message state = new Message();
        state.with("conv.weight", tensor(2, 2, 1));
        normalize(state, "bn", 2);
        Checkpoint checkpoint = checkpoint(FileFormat.NPZ, state);
        assertThatThrownBy(() -> paired(pairs).fold(checkpoint))
                .isInstanceOf(InvalidField.class)
                .extracting(e -> ((InvalidField) e).field())
                .isEqualTo("pairs");
    }

    @Test
    void whatDoesNotFitIsLeft() {
        Message state = new Message();
        state.with("conv.weight", tensor(2, 2, 1));
        normalize(state, "bn", 3);
        StateDictFolding.Result result = paired("conv:bn").fold(checkpoint(FileFormat.NPZ, state));
        @Nullable Object kept = result.state().values().get("bn.num_batches_tracked");
        assertThat(result.report().left().getFirst().reason()).contains("3 features");
        assertThat(kept).isEqualTo(7L);
    }
}
