package batchnorm.service.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.LayerName;
import batchnorm.layer.LayerPatch;
import batchnorm.layer.Layers;
import batchnorm.layer.NewLayer;
import batchnorm.normalization.Convention;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Tests that the unpaged lists under `/v2` are bounded.
class ManyModelsTest {
    private static final int MANY = 10_001;
    private static ServiceUnderTest service;
    private static Client client;

    @BeforeAll
    static void start() throws IOException {
        service = new ServiceUnderTest();
        client = service.client();
        List<NewLayer> layers =
                IntStream.range(0, MANY)
                        .mapToObj(i ->
                                new NewLayer(
                                        new LayerName("m" + i),
                                        Convention.PYTORCH.config(),
                                        new LayerPatch(UnaryOperator.identity())))
                        .toList();
        service.application().getBean(Layers.class).createAll(layers, false);
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @Test
    void anIndexThatIsTooLongNamesTheListWithPages() throws IOException {
        Answer refused = client.send("POST", "//v2/repository/index", null).expect(400);
        assertThat(refused.field("error").stringValue())
                .contains("10000", "GET /api/v1/layers?limit=1000&after=");
        client.delete("/layers/m0").expect(204);
        assertThat(client.send("POST", "//v2/repository/index", null).expect(200).json())
                .hasSize(MANY - 1);
    }

    @Test
    void statisticsAreOfTheThousandModelsThatWereUsedLast() throws IOException {
        for (int i = 1; i <= 1_010; i++) {
            client.post("//v2/models/m" + i + "/infer", "{\"inputs\": []}").expect(400);
        }
        String statistics = client.get("//v2/models/stats").expect(200).body();
        assertThat(statistics.split("\"last_inference\"", -1)).hasSize(1_001);
        assertThat(statistics).doesNotContain("\"m10\"").contains("\"m11\"", "\"m1010\"");
    }
}
