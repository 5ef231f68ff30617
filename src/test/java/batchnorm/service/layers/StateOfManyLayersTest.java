package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Tests that `GET /state` lists layers by patterns, with one search per pattern.
class StateOfManyLayersTest {
    private static ServiceUnderTest service;
    private static Client client;

    @BeforeAll
    static void start() throws IOException {
        service = new ServiceUnderTest();
        client = service.client();
        for (String name : new String[] {"wa", "wb.one", "wb.two", "x"}) {
            client.post("/layers", "{\"name\": \"" + name + "\", \"features\": 1}").expect(201);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @Test
    void aPatternThatIsRepeatedIsSearchedOnce() throws IOException {
        client.get(
                        state(
                                IntStream.range(0, 1000)
                                        .mapToObj(_ -> "w*")
                                        .collect(Collectors.joining(","))))
                .expect(200);
        assertThat(names("w*,w*,w*")).isEqualTo(names("w*"));
    }

    @Test
    void aPatternThatAnotherOneCoversAddsNothing() throws IOException {
        assertThat(names("wb.*,w*,wb.o*,wa")).isEqualTo(names("w*"));
        assertThat(names("*,w*")).isEqualTo(names("*")).isNotEqualTo(names("w*"));
    }

    @Test
    void aPatternWithoutALayerIsRefusedEvenWhereAnotherOneCoversIt() throws IOException {
        assertThat(client.get(state("w*,wc*")).expectProblem(400, "invalid-request").detail())
                .endsWith("wc*");
    }

    @Test
    void moreWordsThanLayersAreRefusedWithoutASearch() throws IOException {
        String many = IntStream.range(0, 1001).mapToObj(_ -> "w*").collect(Collectors.joining(","));
        assertThat(client.get(state(many)).expectProblem(400, "invalid-request").detail())
                .contains("1000");
    }

    @Test
    void aPrefixIsBounded() throws IOException {
        client.get(state("x") + "&prefix=" + "p".repeat(256)).expect(200);
        client.get(state("x") + "&prefix=" + "p".repeat(257)).expectProblem(400, "invalid-request");
    }

    private static String names(String patterns) throws IOException {
        return client.get(state(patterns)).expect(200).body();
    }

    private static String state(String names) {
        return "/state?framework=keras&names=" + names;
    }
}
