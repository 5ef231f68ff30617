package batchnorm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.checkpoint.Framework.Slot;
import java.util.Map;
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
        "MXNET, arg:bn0_beta, bn0, BETA",
        "KERAS, bn/gamma:0, bn, GAMMA",
        "KERAS, layers/bn/vars/2, layers/bn, RUNNING_MEAN",
        "KERAS, layers.bn.vars.3, layers.bn, RUNNING_VAR",
        "PADDLE, batch_norm_0.w_2, batch_norm_0, RUNNING_VAR",
        "PADDLE, batch_norm_0.b_0, batch_norm_0, BETA",
        "FLAX, params/enc/bn/scale, enc/bn, GAMMA",
        "FLAX, batch_stats.bn.mean, bn, RUNNING_MEAN",
        "FLAX, batch_stats/var, '', RUNNING_VAR",
        "FLAX, bn.var, bn, RUNNING_VAR"
    })
    void knowsATensorByItsName(Framework framework, String name, String path, TensorRole part) {
        assertThat(framework.slot(name)).contains(new Slot(path, part));
    }

    @ParameterizedTest
    @CsvSource({
        "PYTORCH, bn1.gamma",
        "PYTORCH, myweight",
        "KERAS, dense/kernel",
        "PADDLE, a_mean",
        "ONNX, AB",
        "KERAS, bn/gamma:1",
        "KERAS, dense/vars/4",
        "PADDLE, fc_0.w_3",
        "FLAX, params/bn/mean",
        "FLAX, batch_stats/bn/scale"
    })
    void knowsNoOthers(Framework framework, String name) {
        assertThat(framework.slot(name)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void readsTheNamesThatItWrites(Framework framework) {
        for (String path : new String[] {"", "bn1", "layer1.0.bn1"}) {
            for (TensorRole part : TensorRole.values()) {
                if (part == TensorRole.BATCHES && !framework.countsBatches()) {
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
        CheckpointIndex contents = new CheckpointIndex(Framework.PYTORCH, "", null);
        Set<String> names =
                Set.of(
                        "norm.weight",
                        "norm.bias",
                        "bn.weight",
                        "bn.running_mean",
                        "bn.running_var");
        assertThat(contents.layers(names)).containsOnlyKeys("bn");
        assertThat(contents.layers(names).getOrDefault("bn", Map.of()).values())
                .containsExactlyInAnyOrder("bn.weight", "bn.running_mean", "bn.running_var");
        assertThat(contents.whyNot("norm.bias")).contains("running_mean and running_var");
    }
}
