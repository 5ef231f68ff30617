package batchnorm.service.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/// Tests the verification of folds. `FoldVerificationTest` checks each mistake.
@ExtendWith(ServiceUnderTest.Shared.class)
class FoldVerificationOverHttpTest {
    private static final String VERIFY = "/fold/verify";
    private static final String LAYER =
            "\"gamma\": [2, 1], \"beta\": [1, 3], \"running_mean\": [2, 2], \"running_var\": [4, 4], \"epsilon\": 0";
    private final Client client;

    FoldVerificationOverHttpTest(Client client) {
        this.client = client;
    }

    private Answer verify(String bias, String layer) throws IOException {
        return client.post(
                VERIFY,
                ("{\"kind\": \"linear\", \"position\": \"after\", \"weight\": [[1, 2], [3, 4]], \"bias\": [0.5, -0.5],"
                                + " \"folded_weight\": [[1, 2], [1.5, 2]], \"folded_bias\": %s, %s}")
                        .formatted(bias, layer));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "[-0.5, 1.75]; true; none",
                "[-0.5, 1.5]; false; bias-not-scaled",
                "[-1, 2]; false; bias-dropped",
                "[-1.5, -1.25]; false; beta-forgotten",
                "[7, 7]; false; unknown",
            })
    void theMistakeIsNamed(String bias, boolean exact, String mistake) throws IOException {
        Answer answer = verify(bias, LAYER).expect(200);
        assertThat(answer.field("exact").booleanValue()).isEqualTo(exact);
        assertThat(answer.json().at("/diagnosis/mistake").stringValue()).isEqualTo(mistake);
        assertThat(answer.json().at("/diagnosis/remedy").stringValue()).isNotBlank();
        assertThat(answer.json().at("/worst/tensor").asString(""))
                .isEqualTo(exact ? "" : "folded_bias");
    }

    @Test
    void aLayerOfTheServiceIsComparedByItsName() throws IOException {
        String layer = client.layer(LAYER);
        String name = "\"layer\": \"" + layer.substring("/layers/".length()) + "\"";
        assertThat(verify("[-0.5, 1.75]", name).expect(200).field("exact").booleanValue()).isTrue();
        verify("[-0.5, 1.75]", name + ", \"epsilon\": 1").expectProblem(400, "invalid-request");
        verify("[-0.5, 1.75]", "\"layer\": \"unknown\"").expectProblem(404, "layer-not-found");
    }

    /// What `fold` returns is right, in every form.
    @Test
    void theFoldOfThisServiceIsRight() throws IOException {
        String layer =
                client.layer(
                        "\"gamma\": [0.3, -1.7, 0.9], \"beta\": [0.5, 3, 0], \"running_mean\": [1, -2, 0.1],"
                                + " \"running_var\": [0.4, 0.25, 7]");
        for (String type : new String[] {"FP64", "FP32"}) {
            String weight =
                    "{\"shape\": [3, 1, 2], \"datatype\": \"%s\", \"data\": [1.1, 2.2, -0.3, 0.7, 5, 6]}"
                            .formatted(type);
            String map = "\"kind\": \"conv\", \"position\": \"after\", \"weight\": " + weight;
            ObjectNode folded =
                    (ObjectNode) client.post(layer + "/fold", "{" + map + "}").expect(200).json();
            Answer answer =
                    client.post(
                                    VERIFY,
                                    "{%s, \"layer\": \"%s\", \"folded_weight\": %s, \"folded_bias\": %s}"
                                            .formatted(
                                                    map,
                                                    layer.substring("/layers/".length()),
                                                    folded.get("weight"),
                                                    folded.get("bias")))
                            .expect(200);
            assertThat(answer.field("exact").booleanValue()).as(answer.body()).isTrue();
            assertThat(answer.field("precision").stringValue()).isEqualTo(type);
        }
    }

    @Test
    void whatCannotBeComparedIsRefused() throws IOException {
        verify("[1]", LAYER).expectProblem(422, "shape-mismatch");
        verify("[1, 2]", "\"running_mean\": [1, 2]").expectProblem(400, "invalid-request");
        verify("[1, 2]", "\"running_mean\": [1, 2], \"running_var\": [1]")
                .expectProblem(422, "shape-mismatch");
        verify("[1, 2]", "\"running_mean\": [1, 2], \"running_var\": [-1, 1]")
                .expectProblem(422, "non-finite-result");
        verify("[1, 2]", LAYER.replace("\"epsilon\": 0", "\"epsilon\": -1"))
                .expectProblem(422, "invalid-config");
        verify("[1, 2]", LAYER.replace("\"gamma\"", "\"gama\""))
                .expectProblem(400, "invalid-request");
    }
}
