package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.normalization.Convention;
import batchnorm.normalization.Knob.RunningVariance;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Tests each convention over HTTP: several training steps, and every copy of its layer.
@ExtendWith(ServiceUnderTest.Shared.class)
class ConventionsOverHttpTest {
    private static final String[] BATCHES = {
        "[[1,2],[3,4],[5,6.5]]", "[[0,-1],[2,8]]", "[[7,1],[7,2],[6,3],[9,9]]"
    };

    private final Client client;

    ConventionsOverHttpTest(Client client) {
        this.client = client;
    }

    /// Repeats the update from each response: `rm += alpha·(mean - rm)`, the same for the variance.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PURE_PYTHON")
    void everyStepCanBeReplayedFromItsAnswer(Convention convention) throws IOException {
        String layer = client.layer("\"convention\": \"%s\"".formatted(convention.word()));
        boolean unbiased = convention.config().runningVariance() == RunningVariance.UNBIASED;
        double mean = 0;
        double variance = convention.initialVariance();
        for (String batch : BATCHES) {
            Answer step = client.train(layer, batch).expect(200);
            double alpha = step.field("alpha").doubleValue();
            double count = step.field("count").doubleValue();
            double averaged = step.numbers("batch_var")[0] * (unbiased ? count / (count - 1) : 1);
            mean += alpha * (step.numbers("batch_mean")[0] - mean);
            variance += alpha * (averaged - variance);
            assertThat(step.numbers("running_mean")[0]).isEqualTo(mean);
            assertThat(step.numbers("running_var")[0]).isEqualTo(variance);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLayerComesBackFromItsSnapshot(Convention convention) throws IOException {
        String layer = client.layer("\"convention\": \"%s\"".formatted(convention.word()));
        client.train(layer, BATCHES[0]);
        Answer before = client.get(layer);
        String id = client.post(layer + "/snapshots", "{}").expect(201).field("id").toString();
        client.train(layer, BATCHES[1]);
        client.patch(layer, "{\"epsilon\": 0.5, \"momentum\": 0.5}").expect(200);
        client.post(layer + "/snapshots/" + id + "/restore", "").expect(200);
        Answer restored = client.get(layer);
        for (String field : new String[] {"config", "running_mean", "running_var"}) {
            assertThat(restored.json().get(field)).as(field).isEqualTo(before.json().get(field));
        }
    }

    /// The two states of a debiased average: the weight of the first batch is 1, whatever the
    /// running values were.
    @ParameterizedTest
    @CsvSource({"haiku, 0.9, 1, 0.5263157894736842", "caffe, 0.999, 1, 0.5002501250625313"})
    void aDebiasedAverageWeighsTheFirstBatchFully(
            String convention, double momentum, double first, double second) throws IOException {
        String layer = client.layer("\"convention\": \"%s\"".formatted(convention));
        assertThat(client.get(layer).field("config").get("momentum").doubleValue())
                .isEqualTo(momentum);
        assertThat(client.train(layer, BATCHES[0]).field("alpha").doubleValue()).isEqualTo(first);
        assertThat(client.train(layer, BATCHES[1]).field("alpha").doubleValue())
                .isEqualTo(second, within(2e-16));
    }

    @ParameterizedTest
    @CsvSource({"1e-7, 1.001e-5", "1e-4, 1e-4"})
    void fusedKerasRaisesEpsilon(double requested, double resolved) throws IOException {
        String layer =
                client.layer(
                        "\"convention\": \"keras-2-fused\", \"epsilon\": %s".formatted(requested));
        assertThat(client.get(layer).field("config").get("epsilon").doubleValue())
                .isEqualTo(resolved);
        String model = layer.substring(layer.lastIndexOf('/') + 1);
        assertThat(client.get("//v2/models/" + model + "/config").body())
                .contains("epsilon_floor", "zero_debias");
    }
}
