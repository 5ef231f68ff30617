package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.normalization.LinearMap.Kind;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinearMapTest {

    @ParameterizedTest
    @CsvSource({
        "LINEAR, 3, '[4, 2, 3], but of linear it must be [out, in],'",
        "CONV, 2, '[4, 2], but of conv it must be [out, in/groups, k…],'",
        "CONV_TRANSPOSE, 2, '[4, 2], but of conv_transpose it must be [in, out/groups, k…],'"
    })
    void refusesAWeightOfAnotherRank(Kind kind, int rank, String reason) {
        Tensor weight = rank == 2 ? weight(4, 2) : weight(4, 2, 3);
        refuses("weight", "weight has shape " + reason, () -> map(kind, weight, null, false));
    }

    @Test
    void refusesOfALinearLayerWhatOnlyConvolutionsHave() {
        refuses("padding", "neither", () -> map(Kind.LINEAR, weight(4, 2), null, true));
        refuses("groups", "neither", () -> map(Kind.LINEAR, weight(4, 2), 2, false));
        assertThat(map(Kind.LINEAR, weight(4, 2), 1, false).groups()).isOne();
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "3"})
    void refusesGroupsThatDoNotDivideTheFirstDimension(int groups) {
        refuses("groups", "divide", () -> map(Kind.CONV, weight(4, 2, 3), groups, false));
    }

    @Test
    void findsItsGroupsAndRefusesWhatDoesNotFitThem() {
        assertThat(map(Kind.CONV, weight(4, 2, 3), null, false).groupsOf(8)).isEqualTo(4);
        LinearMap two = map(Kind.CONV, weight(4, 2, 3), 2, false);
        assertThat(two.groupsOf(4)).isEqualTo(2);
        refuses(
                "weight",
                "[4, 2, 3], [out, in/groups, k…] with groups 2, which does not fit the layer's 8 features",
                () -> two.groupsOf(8));
        LinearMap any = map(Kind.CONV, weight(4, 2, 3), null, false);
        refuses("weight", "[out, in/groups, k…], which does not fit", () -> any.groupsOf(7));
    }

    private static LinearMap map(
            Kind kind, Tensor weight, @Nullable Integer groups, boolean padded) {
        return new LinearMap(kind, weight, null, groups, padded);
    }

    private static Tensor weight(int... dimensions) {
        Shape shape = Shape.of(dimensions);
        return Tensor.of(shape, new double[shape.elements()]);
    }

    private static void refuses(String field, String reason, ThrowingCallable making) {
        assertThatThrownBy(making)
                .isInstanceOfSatisfying(
                        ShapeMismatch.class,
                        refused -> assertThat(refused.field()).isEqualTo(field))
                .hasMessageContaining(reason);
    }
}
