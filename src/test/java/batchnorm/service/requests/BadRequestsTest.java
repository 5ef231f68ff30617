package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.layers.NegativeVariance;
import batchnorm.service.requests.BadRequest.Names;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Tests that every invalid request gets a problem with the reason and changes no layer.
@ExtendWith(ServiceUnderTest.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadRequestsTest {
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    /// A class with its package, an exception's name, a line of a stack trace.
    private static final Pattern INSIDES =
            Pattern.compile(
                    "\\b(java|javax|jdk|org|com|tools|batchnorm)(\\.\\w+)*\\.[A-Z]"
                            + "|\\w+(Exception|Error)\\b|\\bat .*\\.java|\\.class\\b");

    private final Client client;
    private Names names;

    BadRequestsTest(Client client) {
        this.client = client;
    }

    @BeforeAll
    void createLayers() throws IOException {
        create("plain", "\"features\": 2");
        create("other", "\"features\": 2");
        create("open", "");
        create("biased", "\"convention\": \"keras\", \"features\": 2");
        create("axis-3", "\"channel_axis\": 3");
        create("axis-minus-4", "\"channel_axis\": -4");
        create("activations", "\"scope\": \"per_activation\", \"features\": 4");
        create("steep", "\"gamma\": [1e300, 1e300]");
        create("pure", "\"convention\": \"pure-python\", \"features\": 2");
        NegativeVariance.create(client, "negative");
        NegativeVariance.create(client, "negative-renorm");
        client.patch("/layers/negative-renorm", "{\"r_max\": 2, \"d_max\": 1}").expect(200);
        create("no-epsilon", "\"epsilon\": 0, \"features\": 2");
        create("ghosts", "\"features\": 2, \"virtual_batch_size\": 2");
        create("ghosts-axis-0", "\"channel_axis\": 0, \"virtual_batch_size\": 2");
        create(
                "frozen",
                "\"features\": 2, \"freeze_statistics\": true, \"freeze_parameters\": true");
        String input = "[[1, 2], [3, 4]]";
        client.post(
                        "/layers/plain/forward-train",
                        "{\"input\": %s}".formatted(input),
                        "Idempotency-Key",
                        "used")
                .expect(200);
        String context = client.train("/layers/plain", input).field("context_id").stringValue();
        String foreign = client.train("/layers/other", input).field("context_id").stringValue();
        names = new Names(context, foreign, client.get("/layers/plain").header("ETag"));
    }

    private void create(String name, String fields) throws IOException {
        String rest = fields.isEmpty() ? "" : ", " + fields;
        client.post("/layers", "{\"name\": \"" + name + "\"" + rest + "}").expect(201);
    }

    static List<BadRequest> table() throws IOException {
        return BadRequest.table();
    }

    @Test
    void theTableIsLong() throws IOException {
        assertThat(table()).hasSizeGreaterThanOrEqualTo(200);
        assertThat(table().stream().map(BadRequest::what)).doesNotHaveDuplicates();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void isAnsweredWithAProblemAndChangesNothing(BadRequest bad) throws IOException {
        List<String> before = state(bad);
        Answer answer = client.send(bad.method(), bad.path(), bad.bytes(names), bad.headers(names));
        checkProblem(answer, bad);
        assertThat(state(bad)).isEqualTo(before);
    }

    private static void checkProblem(Answer answer, BadRequest bad) {
        assertThat(answer.status()).as(bad.what() + ": " + answer.body()).isEqualTo(bad.status());
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        JsonNode problem = answer.json();
        assertThat(problem.get("status").intValue()).isEqualTo(bad.status());
        if (!bad.slug().equals("-")) {
            assertThat(answer.slug()).as(bad.what() + ": " + answer.body()).isEqualTo(bad.slug());
        }
        assertThat(answer.slug()).matches("[a-z]+(-[a-z]+)+");
        assertThat(problem.get("title").stringValue()).hasSizeGreaterThan(5);
        assertThat(answer.detail())
                .hasSizeBetween(15, 1000)
                .isNotEqualTo(problem.get("title").stringValue());
        assertThat(answer.body()).doesNotContainPattern(INSIDES);
        for (String word : bad.words()) {
            assertThat(answer.detail()).containsIgnoringCase(word);
        }
        bad.stop().ifPresent(stop -> checkOffset(answer, stop));
        if (bad.status() == 405) {
            assertThat(answer.header("Allow")).isNotEmpty();
        }
    }

    private static void checkOffset(Answer answer, int stop) {
        Stream<Integer> numbers =
                NUMBER.matcher(answer.detail())
                        .results()
                        .map(MatchResult::group)
                        .filter(digits -> digits.length() < 9)
                        .map(Integer::valueOf);
        assertThat(numbers)
                .as("an offset of about %s in: %s", stop, answer.detail())
                .anyMatch(number -> Math.abs(number - stop) <= 1);
    }

    /// Returns the names of all layers and the state of the request's layer.
    private List<String> state(BadRequest bad) throws IOException {
        List<String> state = new ArrayList<>();
        state.add(client.get("/layers?limit=1000").expect(200).field("layers").toString());
        for (String path : bad.layer().toList()) {
            Answer layer = client.get(path);
            state.add(layer.status() + " " + layer.header("ETag"));
            state.add(layer.status() == 200 ? layer.body() : "");
        }
        return state;
    }
}
