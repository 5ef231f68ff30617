package batchnorm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.checkpoint.Inspection.InspectedLayer;
import batchnorm.checkpoint.Inspection.InspectedVector;
import batchnorm.checkpoint.Inspection.Summary;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.FileFormat;
import batchnorm.codec.LayerSettings;
import batchnorm.codec.Message;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.Warning;
import batchnorm.normalization.Warning.Code;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Inspects a file of one layer of PyTorch, `bn`.
class InspectorTest {
    private static final double[] MEAN = {0.5, -0.25};
    private static final double[] VARIANCE = {2, 4};
    private static final double[] GAMMA = {1, 0.5};
    private static final double[] BETA = {0.125, 0};

    private static Tensor vector(double... values) {
        return Tensor.of(Shape.of(values.length), values);
    }

    private static Message state(double[] mean, double[] variance) {
        return new Message()
                .with("bn.running_mean", vector(mean))
                .with("bn.running_var", vector(variance));
    }

    private static Message withParameters(double[] gamma, double[] beta) {
        return state(MEAN, VARIANCE).with("bn.weight", vector(gamma)).with("bn.bias", vector(beta));
    }

    private static Inspection inspection(Message state, Map<String, LayerSettings> settings) {
        return new Inspector(Naming.DETECTED)
                .inspect(
                        new Checkpoint(
                                FileFormat.SAFETENSORS,
                                state,
                                List.of("fc.weight"),
                                Map.of(),
                                settings));
    }

    private static InspectedLayer layer(Message state) {
        return inspection(state, Map.of()).layers().getFirst();
    }

    private static List<Code> codes(Message state) {
        return layer(state).warnings().stream().map(Warning::code).toList();
    }

    private static String sentence(Message state, Code code) {
        return layer(state).warnings().stream()
                .filter(warning -> warning.code() == code)
                .map(Warning::sentence)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aSoundLayerIsDescribedWithoutAWarning() {
        Inspection inspection =
                inspection(
                        withParameters(GAMMA, BETA).with("bn.num_batches_tracked", (Long) 7L),
                        Map.of("bn", new LayerSettings(0.125, null, null)));
        assertThat(inspection.format()).isEqualTo(FileFormat.SAFETENSORS);
        assertThat(inspection.framework()).isEqualTo(Framework.PYTORCH);
        assertThat(inspection.skipped()).extracting("tensor").containsExactly("fc.weight");
        assertThat(inspection.assumed()).extracting("what").contains("momentum");
        InspectedLayer layer = inspection.layers().getFirst();
        assertThat(layer.path()).isEqualTo("bn");
        assertThat(layer.features()).isEqualTo(2);
        assertThat(layer.settings().epsilon()).isEqualTo(0.125);
        assertThat(layer.batches()).isEqualTo(7);
        assertThat(layer.scale()).isTrue();
        assertThat(layer.warnings()).isEmpty();
        assertThat(summary(layer, Vector.GAMMA)).isEqualTo(new Summary(0.5, 1.0, 0.75, 0));
        assertThat(Objects.requireNonNull(layer.vectors().get(Vector.BETA)).values())
                .containsExactly(BETA);
    }

    private static Summary summary(InspectedLayer layer, Vector vector) {
        InspectedVector found = Objects.requireNonNull(layer.vectors().get(vector));
        return found.summary();
    }

    @Test
    void aLayerHasTheDatatypeOfTheFile() {
        Message state =
                new Message()
                        .with("bn.running_mean", Tensor.of(Shape.of(1), DataType.FP16, of(0.5f)))
                        .with("bn.running_var", Tensor.of(Shape.of(1), DataType.FP16, of(2)));
        InspectedLayer layer = layer(state);
        assertThat(layer.dataType()).isEqualTo(DataType.FP16);
        assertThat(layer.scale() || layer.shift()).isFalse();
        assertThat(layer.batches()).isNull();
    }

    private static float[] of(float value) {
        return new float[] {value};
    }

    @Test
    void aValueThatIsNotFiniteIsNamedByItsIndex() {
        Message state = state(new double[] {0.5, Double.NaN}, VARIANCE);
        assertThat(sentence(state, Code.NON_FINITE)).contains("running_mean[1] is NaN");
        assertThat(summary(layer(state), Vector.RUNNING_MEAN))
                .isEqualTo(new Summary(0.5, 0.5, 0.5, 1));
        assertThat(
                        sentence(
                                withParameters(
                                        new double[] {
                                            Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
                                        },
                                        BETA),
                                Code.NON_FINITE))
                .contains("gamma[0] is Infinity, the first of 2");
    }

    @Test
    void aVectorWithoutAFiniteValueHasNoExtremes() {
        Message state = state(new double[] {Double.NaN, Double.NaN}, VARIANCE);
        assertThat(summary(layer(state), Vector.RUNNING_MEAN))
                .isEqualTo(new Summary(null, null, null, 2));
    }

    /// Epsilon of PyTorch is 1e-5.
    @ParameterizedTest
    @CsvSource({
        "-1, 'NEGATIVE_VARIANCE VARIANCE_NOT_POSITIVE'",
        "-1e-6, NEGATIVE_VARIANCE",
        "0, ZERO_VARIANCE",
        "9e-5, SMALL_VARIANCE",
        "1.1e-4, ''"
    })
    void aVarianceIsComparedWithEpsilon(double variance, String expected) {
        assertThat(codes(state(MEAN, new double[] {2, variance})))
                .map(Code::name)
                .containsExactly(expected.isEmpty() ? new String[0] : expected.split(" "));
    }

    @Test
    void theEpsilonOfTheFileCounts() {
        Inspection inspection =
                inspection(
                        state(MEAN, VARIANCE), Map.of("bn", new LayerSettings(0.25, null, null)));
        assertThat(inspection.layers().getFirst().warnings())
                .map(Warning::code)
                .containsExactly(Code.SMALL_VARIANCE);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, , UNTRAINED",
        "0, 1, 5, UNTRAINED",
        "0, 1, 0, UNTRAINED",
        "1, 1, 0, UNCOUNTED"
    })
    void statisticsThatWereNeverTrainedAreRecognized(
            double mean, double variance, @Nullable Long batches, Code expected) {
        Message state = state(new double[] {mean, mean}, new double[] {variance, variance});
        if (batches != null) {
            state.with("bn.num_batches_tracked", batches);
        }
        assertThat(codes(state)).containsExactly(expected);
    }

    @Test
    void aMeanBeyondTheDigitsOfFp32IsNamed() {
        assertThat(sentence(state(new double[] {1, 1e5}, new double[] {1, 1}), Code.FP32_DIGITS))
                .contains("the mean of channel 1", "lost 5 of");
    }

    @Test
    void aDeadChannelIsNamedWithItsBeta() {
        Message state = withParameters(new double[] {1, 1e-5}, new double[] {0, -0.75});
        assertThat(codes(state)).containsExactly(Code.DEAD_CHANNEL);
        assertThat(sentence(state, Code.DEAD_CHANNEL)).contains("channel 1", "0.750");
    }

    @Test
    void gammasThatAreAllZeroAreDead() {
        assertThat(codes(withParameters(new double[2], BETA))).containsExactly(Code.DEAD_CHANNEL);
    }

    @ParameterizedTest
    @CsvSource({"-2, true", "-1.9, false", "2, false"})
    void aChannelFarBelowZeroSaturates(double beta, boolean saturates) {
        assertThat(codes(withParameters(GAMMA, new double[] {0, beta})))
                .isEqualTo(saturates ? List.of(Code.SATURATED_CHANNEL) : List.of());
    }

    @Test
    void theMeanOfASummaryIsThatOfTheValues() {
        assertThat(summary(layer(state(MEAN, VARIANCE)), Vector.RUNNING_MEAN).mean())
                .isEqualTo(0.125);
    }
}
