package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests that variances are 0 or more, except that files with others are imported unchanged.
@ExtendWith(ServiceUnderTest.Shared.class)
class NegativeVariancesTest {
    private final Client client;

    NegativeVariancesTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-1e-6", "-4.9e-324"})
    void areRefusedOfANewLayerAndInAPatch(String negative) throws IOException {
        String vector = "\"running_var\": [1, %s]".formatted(negative);
        Answer created =
                client.post("/layers", "{\"name\": \"new\", %s}".formatted(vector))
                        .expectProblem(422, "invalid-config");
        assertThat(created.detail()).contains("running_var[1] is -", "0 or more");
        assertThat(created.json().get("field").stringValue()).isEqualTo("running_var");
        String layer = client.layer("\"features\": 2");
        Answer patched =
                client.patch(layer, "{%s}".formatted(vector)).expectProblem(422, "invalid-config");
        assertThat(patched.detail()).contains("running_var[1] is -", "0 or more");
        client.patch(layer, "{\"running_var\": [0, -0.0]}").expect(200);
    }

    @Test
    void ofAFileAreCarriedAndNotedInTheReport() throws IOException {
        NegativeVariance.create(client, "negative-of-a-file");
        JsonNode report = NegativeVariance.importing(client, "negative-of-a-file-2").json();
        assertThat(report.get("notes").valueStream())
                .anySatisfy(note -> {
                    assertThat(note.path("layer").asString()).isEqualTo("negative-of-a-file-2");
                    assertThat(note.get("what").stringValue()).isEqualTo("running_var");
                    assertThat(note.get("why").stringValue())
                            .contains("running_var[1] is -1.0", "inference");
                });
        assertThat(client.get("/layers/negative-of-a-file-2").numbers("running_var"))
                .containsExactly(1, -1);
    }
}
