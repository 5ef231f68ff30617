package batchnorm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.checkpoint.Framework.Slot;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FrameworkTest {

    @ParameterizedTest
    @CsvSource({
        "PYTORCH, layer1.0.bn1.weight, layer1.0.bn1, GAMMA",
        "PYTORCH, bn1.running_var, bn1, RUNNING_VAR",
        "PYTORCH, num_batches_tracked, '', BATCHES",
        "KERAS, block/batch_normalization/gamma, block/batch_normalization, GAMMA",
        "KERAS, bn/moving_variance, bn, RUNNING_VAR",
        "ONNX, bn.B, bn, BETA",
        "ONNX, bn_input_mean, bn, RUNNING_MEAN",
        "TENSORFLOW_1, scope/bn/moving_mean:0, scope/bn, RUNNING_MEAN",
        "PADDLE, bn1._mean, bn1, RUNNING_MEAN",
        "PADDLE, bn1._variance, bn1, RUNNING_VAR",
        "MXNET, features.1.running_mean, features.1, RUNNING_MEAN",
        "MXNET, aux:bn0_moving_var, bn0, RUNNING_VAR",
        "MXNET, arg:bn0_beta, bn0, BETA"
    })
    void knowsATensorByItsName(Framework framework, String name, String path, Part part) {
        assertThat(framework.slot(name)).contains(new Slot(path, part));
    }

    @ParameterizedTest
    @CsvSource({
        "PYTORCH, bn1.gamma",
        "PYTORCH, myweight",
        "KERAS, dense/kernel",
        "PADDLE, a_mean",
        "ONNX, AB",
        "KERAS, bn/gamma:0"
    })
    void knowsNoOthers(Framework framework, String name) {
        assertThat(framework.slot(name)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void readsTheNamesThatItWrites(Framework framework) {
        for (String path : new String[] {"", "bn1", "layer1.0.bn1"}) {
            for (Part part : Part.values()) {
                if (part == Part.BATCHES && !framework.countsBatches()) {
                    continue;
                }
                String name = framework.name(path, part);
                Slot slot = framework.slot(name).orElseThrow();
                assertThat(slot.part()).as(name).isEqualTo(part);
                assertThat(slot.path().replace('/', '.')).as(name).isEqualTo(path);
            }
        }
    }

    @Test
    void weightAndBiasAloneMayBeAnything() {
        Contents contents = new Contents(Framework.PYTORCH, "");
        Set<String> names =
                Set.of(
                        "norm.weight",
                        "norm.bias",
                        "bn.weight",
                        "bn.running_mean",
                        "bn.running_var");
        assertThat(contents.among(names))
                .containsExactlyInAnyOrder("bn.weight", "bn.running_mean", "bn.running_var");
        assertThat(contents.whyNot("norm.bias")).contains("running_mean and running_var");
    }
}
