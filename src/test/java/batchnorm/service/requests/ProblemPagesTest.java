package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.web.problem.ProblemType;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Tests that a problem's `type` resolves to its explanation.
@ExtendWith(ServiceUnderTest.Shared.class)
class ProblemPagesTest {
    private final Client client;

    ProblemPagesTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @EnumSource
    void explainsEveryProblemWhereItsTypePoints(ProblemType type) throws IOException {
        String page = client.get("/" + type.uri()).expect(200).body();
        assertThat(page)
                .startsWith(type.slug() + " (" + type.status() + "): ")
                .doesNotContain("null")
                .hasLineCount(2);
        assertThat(client.get("//problems").expect(200).body()).contains(page);
    }

    @Test
    void knowsNoOthers() throws IOException {
        assertThat(client.get("//problems/nonsense").expect(404).json().get("type").asString())
                .isEqualTo("/problems/not-found");
    }
}
