package batchnorm.service.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests inference folded into an affine map without the layer.
@ExtendWith(ServiceUnderTest.Shared.class)
class FoldingOverHttpTest {
    /// Tolerance of a few terms of order 10 in binary64.
    private static final double ROUNDING = 1e-13;

    private static final String LAYER =
            "\"gamma\": [2, -1], \"beta\": [0.5, 3], \"running_mean\": [1, -2], \"running_var\": [4, 0.25]";

    private final Client client;

    FoldingOverHttpTest(Client client) {
        this.client = client;
    }

    @Test
    void theAffineMapIsWhatInferenceDoes() throws IOException {
        String layer = client.layer(LAYER);
        Answer affine = client.get(layer + "/affine").expect(200);
        double[] scale = affine.numbers("scale");
        double[] shift = affine.numbers("shift");
        double[] y = client.infer(layer, "[[5, 7]]").numbers("output");
        assertThat(scale[0] * 5 + shift[0]).isCloseTo(y[0], within(ROUNDING));
        assertThat(scale[1] * 7 + shift[1]).isCloseTo(y[1], within(ROUNDING));
        client.send("GET", layer + "/affine", null, "If-None-Match", affine.header("ETag"))
                .expect(304);
    }

    @Test
    void aLinearLayerBehindWhichTheLayerStood() throws IOException {
        String layer = client.layer(LAYER);
        Answer folded =
                client.post(
                                layer + "/fold",
                                "{\"kind\": \"linear\", \"position\": \"after\","
                                        + " \"weight\": [[1, 2, 3], [4, 5, 6]], \"bias\": [0.5, -0.5]}")
                        .expect(200);
        double[] weight = folded.numbers("weight");
        double[] bias = folded.numbers("bias");
        assertThat(folded.field("weight").get(1)).hasSize(3);
        double[] x = {0.3, -0.7, 0.9};
        double[] before = {0.3 - 1.4 + 2.7 + 0.5, 1.2 - 3.5 + 5.4 - 0.5};
        double[] y =
                client.infer(layer, "[[%s, %s]]".formatted(before[0], before[1])).numbers("output");
        for (int o = 0; o < 2; o++) {
            double sum = bias[o];
            for (int i = 0; i < 3; i++) {
                sum += weight[3 * o + i] * x[i];
            }
            assertThat(sum).isCloseTo(y[o], within(ROUNDING));
        }
    }

    @Test
    void theAnswerTakesFormAndDatatypeOfTheWeight() throws IOException {
        String layer = client.layer(LAYER);
        Answer folded =
                client.post(
                                layer + "/fold",
                                "{\"kind\": \"conv\", \"position\": \"before\", \"padding\": [0, 0],"
                                        + " \"weight\": {\"shape\": [1, 2, 1, 1], \"datatype\": \"FP32\", \"data\": [1, 1]}}")
                        .expect(200);
        assertThat(folded.json().at("/weight/datatype").stringValue()).isEqualTo("FP32");
        assertThat(folded.json().at("/bias/shape/0").intValue()).isEqualTo(1);
        double shifts = 0.5 - 2 / Math.sqrt(4 + 1e-5) + 3 - 2 / Math.sqrt(0.25 + 1e-5);
        assertThat((float) folded.numbers("bias")[0]).isEqualTo((float) shifts);
    }

    @Test
    void whatIsNotExactIsRefused() throws IOException {
        String layer = client.layer(LAYER);
        for (String padding : new String[] {"1", "[0, 1]"}) {
            Answer refused =
                    client.post(
                                    layer + "/fold",
                                    "{\"kind\": \"conv\", \"position\": \"before\", \"padding\": "
                                            + padding
                                            + ", \"weight\": [[[1], [1]]]}")
                            .expectProblem(422, "not-exact");
            assertThat(refused.detail()).contains("padding 0");
        }
        client.post(
                        layer + "/fold",
                        "{\"kind\": \"conv\", \"position\": \"after\", \"padding\": 1,"
                                + " \"weight\": [[[1]], [[1]]]}")
                .expect(200);
    }
}
