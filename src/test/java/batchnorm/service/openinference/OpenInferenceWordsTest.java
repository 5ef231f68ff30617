package batchnorm.service.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import batchnorm.service.Wire.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Every parameter of a native pass has the same meaning under `/v2`, or is rejected before any
/// change. JSON uses `'` for quotes.
@ExtendWith(ServiceUnderTest.Shared.class)
class OpenInferenceWordsTest {
    private static final String X =
            "{'name': 'input', 'shape': [3, 2], 'datatype': 'FP64', 'data': [1, 2, 3, 4, 5, 7]}";
    private static final String DY =
            "{'name': 'grad_output', 'shape': [3, 2], 'datatype': 'FP64', 'data': [1, 0, 0, 2, 3, 1]}";
    private static final String NATIVE_X = "\"input\": [[1, 2], [3, 4], [5, 7]]";
    private static final String NATIVE_DY = "\"grad_output\": [[1, 0], [0, 2], [3, 1]]";
    private static final List<String> TRAINED =
            List.of("output", "batch_mean", "batch_var", "running_mean", "running_var");
    private static final List<String> GRADIENTS = List.of("grad_input", "grad_gamma", "grad_beta");

    private final Client client;
    private final Wire wire;

    OpenInferenceWordsTest(Client client) {
        this.client = client;
        this.wire = new Wire(client);
    }

    private String model(String fields) throws IOException {
        return client.layer(fields).substring("/layers/".length());
    }

    private Reply infer(String model, String query, String parameters, String... inputs)
            throws IOException {
        String json =
                "{'parameters': {%s}, 'inputs': [%s]}"
                        .formatted(parameters, String.join(", ", inputs));
        return post(model, query, json);
    }

    private Reply post(String model, String query, String json) throws IOException {
        return wire.post(
                "/v2/models/" + model + "/infer" + query,
                json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static void sameNumbers(Reply reply, Answer expected, List<String> names)
            throws IOException {
        reply.expect(200);
        for (String name : names) {
            assertThat(reply.numbers(name)).as(name).isEqualTo(expected.numbers(name));
        }
    }

    private void untouched(String model) throws IOException {
        Answer layer = client.get("/layers/" + model).expect(200);
        assertThat(layer.field("version").intValue()).isEqualTo(1);
        assertThat(layer.field("num_batches_tracked").intValue()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''               | 'operation': 'forward-train', 'commit': false",
                "?commit=false    | 'operation': 'forward-train'",
                "?commit=False    | 'operation': 'forward-train'",
                "?operation=forward-train&commit=false | 'mine': 1"
            },
            quoteCharacter = '`')
    void aDryRunReturnsTheStepAndChangesNothing(String query, String parameters)
            throws IOException {
        String model = model("\"features\": 2");
        Answer expected =
                client.post(
                        "/layers/" + model + "/forward-train",
                        "{" + NATIVE_X + ", \"commit\": false}");
        Reply dry =
                post(
                        model,
                        query.equals("''") ? "" : query,
                        "{'id': 'a dry run', 'parameters': {%s}, 'inputs': [%s]}"
                                .formatted(parameters, X));
        sameNumbers(dry, expected.expect(200), TRAINED);
        untouched(model);
    }

    @Test
    void aDryRunUsesUpNoId() throws IOException {
        String model = model("\"features\": 2");
        String step =
                "{'id': '1', 'parameters': {'operation': 'forward-train', 'commit': %s}, 'inputs': [%s]}";
        post(model, "", step.formatted(false, X)).expect(200);
        Reply real = post(model, "", step.formatted(true, X)).expect(200);
        assertThat(real.parameter("replayed").booleanValue()).isFalse();
        assertThat(real.parameter("num_batches_tracked").intValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'name': 'mask', 'shape': [3], 'datatype': 'BOOL', 'data': [true, false, true]}",
                "{'name': 'mask', 'datatype': 'BOOL', 'shape': [3], 'data': [1, 0, 1]}",
                "{'data': [1, 0, 1], 'datatype': 'BOOL', 'name': 'mask', 'shape': [3]}",
                "{'name': 'mask', 'shape': [3], 'datatype': 'FP32', 'data': [1, 0, 1]}"
            })
    void aMaskIsAnInput(String mask) throws IOException {
        String model = model("\"features\": 2");
        String twin = client.layer("\"features\": 2");
        Answer expected =
                client.post(twin + "/forward-train", "{" + NATIVE_X + ", \"mask\": [1, 0, 1]}");
        Reply reply = infer(model, "", "'operation': 'forward-train'", X, mask);
        sameNumbers(reply, expected.expect(200), TRAINED);
        assertThat(reply.parameter("count").intValue()).isEqualTo(2);
    }

    @Test
    void masksAndWeightsMayBeBytes() throws IOException {
        String model = model("\"features\": 2");
        String twin = client.layer("\"features\": 2");
        Answer expected =
                client.post(
                        twin + "/forward-train",
                        "{" + NATIVE_X + ", \"mask\": [1, 0, 1], \"weights\": [0.5, 1, 2]}");
        Reply reply =
                wire.infer(
                        model,
                        ("{'parameters': {'operation': 'forward-train', 'binary_data_output': true}, 'inputs': ["
                                        + "{'name': 'mask', 'shape': [3], 'datatype': 'BOOL', 'parameters': {'binary_data_size': 3}},"
                                        + X
                                        + ", {'name': 'weights', 'shape': [3], 'datatype': 'FP32', 'parameters': {'binary_data_size': 12}}]}")
                                .replace('\'', '"'),
                        new byte[] {1, 0, 1},
                        Wire.floats(0.5, 1, 2));
        sameNumbers(reply, expected.expect(200), TRAINED);
        assertThat(reply.parameter("count").doubleValue()).isEqualTo(2.5);
    }

    @Test
    void maskAndWeightsBelongToTheStepThatAnIdNames() throws IOException {
        String model = model("\"features\": 2");
        String step =
                "{'id': 'step-1', 'parameters': {'operation': 'forward-train'}, 'inputs': [%s, %s]}";
        String weights = "{'name': 'weights', 'shape': [3], 'datatype': 'FP64', 'data': [%s]}";
        String mask = "{'name': 'mask', 'shape': [3], 'datatype': 'FP64', 'data': [1, 1, 0]}";
        post(model, "", step.formatted(X, weights.formatted("1, 1, 0"))).expect(200);
        Reply again = post(model, "", step.formatted(weights.formatted("1, 1, 0"), X)).expect(200);
        assertThat(again.parameter("replayed").booleanValue()).isTrue();
        for (String other : List.of(weights.formatted("1, 1, 2"), mask)) {
            assertThat(post(model, "", step.formatted(X, other)).expect(422).error())
                    .contains("id")
                    .doesNotContain("Idempotency-Key");
        }
    }

    @Test
    void aReusedKeyIsNamedAsItWasGiven() throws IOException {
        String model = model("\"features\": 2");
        String train = "'parameters': {'operation': 'forward-train'}, 'inputs': [%s]}";
        String other = X.replace(", 7]", ", 8]");
        post(model, "", "{'id': 'a', " + train.formatted(X)).expect(200);
        assertThat(post(model, "", "{'id': 'a', " + train.formatted(other)).expect(422).error())
                .startsWith("this id was used for a different request")
                .contains("a new step needs a new id")
                .doesNotContain("Idempotency-Key");
        String path = "/v2/models/" + model + "/infer";
        for (int attempt = 0; attempt < 2; attempt++) {
            Reply reply =
                    wire.post(
                            path,
                            ("{'id': 'trace-" + attempt + "', " + train.formatted(X))
                                    .replace('\'', '"')
                                    .getBytes(StandardCharsets.UTF_8),
                            "Idempotency-Key: b");
            assertThat(reply.expect(200).parameter("replayed").booleanValue())
                    .isEqualTo(attempt == 1);
            assertThat(reply.json().get("id").stringValue()).isEqualTo("trace-" + attempt);
        }
        assertThat(
                        wire.post(
                                        path,
                                        ("{" + train.formatted(other))
                                                .replace('\'', '"')
                                                .getBytes(StandardCharsets.UTF_8),
                                        "Idempotency-Key: b")
                                .expect(422)
                                .error())
                .startsWith("this Idempotency-Key was used for a different request");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                    | 'statistics_blend': 0.25",
                "``                    | 'statistics_blend': '0.25'",
                "?statistics_blend=.25 | 'mine': 1",
                "?statistics_blend=2.5e-1 | 'statistics_blend': 0.25"
            })
    void aBlendOfStatisticsIsThatOfTheNativeApi(String query, String parameters)
            throws IOException {
        String fields = "\"running_mean\": [1, 2], \"running_var\": [4, 4]";
        String model = model(fields);
        Answer expected =
                client.post(
                        "/layers/" + model + "/forward-infer",
                        "{" + NATIVE_X + ", \"statistics_blend\": 0.25}");
        sameNumbers(infer(model, query, parameters, X), expected.expect(200), List.of("output"));
        assertThat(infer(model, "", "", X).numbers("output"))
                .isNotEqualTo(expected.numbers("output"));
    }

    @Test
    void aBackwardWithoutAContextTakesWhatItsForwardWasGiven() throws IOException {
        String model = model("\"running_mean\": [1, 2], \"running_var\": [4, 4]");
        String path = "/layers/" + model + "/backward";
        String rest = "{" + NATIVE_X + ", " + NATIVE_DY + ", ";
        String vector = "{'name': '%s', 'shape': [%d], 'datatype': 'FP64', 'data': [%s]}";
        sameNumbers(
                infer(
                        model,
                        "",
                        "'operation': 'backward'",
                        DY,
                        X,
                        vector.formatted("mask", 3, "1, 0, 1"),
                        vector.formatted("weights", 3, "1, 2, 3")),
                client.post(path, rest + "\"mask\": [1, 0, 1], \"weights\": [1, 2, 3]}")
                        .expect(200),
                GRADIENTS);
        sameNumbers(
                infer(
                        model,
                        "",
                        "'operation': 'backward', 'mode': 'train'",
                        DY,
                        X,
                        vector.formatted("batch_mean", 2, "3, 4"),
                        vector.formatted("batch_var", 2, "2, 4")),
                client.post(path, rest + "\"batch_mean\": [3, 4], \"batch_var\": [2, 4]}")
                        .expect(200),
                GRADIENTS);
        sameNumbers(
                infer(
                        model,
                        "?statistics_blend=0.5",
                        "'operation': 'backward', 'mode': 'infer'",
                        DY,
                        X),
                client.post(path, rest + "\"mode\": \"infer\", \"statistics_blend\": 0.5}")
                        .expect(200),
                GRADIENTS);
    }

    @Test
    void aStepWithoutStatisticsHasTheOutputAlone() throws IOException {
        String model = model("\"features\": 2");
        Reply reply =
                infer(model, "", "'operation': 'forward-train', 'return_statistics': false", X);
        assertThat(reply.expect(200).json().get("outputs").valueStream().map(o -> o.get("name")))
                .map(JsonNode::stringValue)
                .containsExactly("output");
        assertThat(reply.json().get("parameters").propertyNames())
                .contains("context_id", "alpha")
                .doesNotContain("count", "num_batches_tracked");
        Reply contradiction =
                post(
                        model,
                        "",
                        "{'parameters': {'operation': 'forward-train', 'return_statistics': false},"
                                + " 'inputs': ["
                                + X
                                + "], 'outputs': [{'name': 'batch_mean'}]}");
        assertThat(contradiction.expect(400).error()).contains("output");
        assertThat(client.get("/layers/" + model).field("num_batches_tracked").intValue())
                .isEqualTo(1);
    }

    @Test
    void aContextIsKeptOnlyWhereItIsWanted() throws IOException {
        String model = model("\"features\": 2");
        Reply without = infer(model, "?save_context=false", "'operation': 'forward-train'", X);
        assertThat(without.expect(200).json().get("parameters").has("context_id")).isFalse();
        Reply with = infer(model, "?save_context=true", "", X);
        String context = with.expect(200).parameter("context_id").stringValue();
        infer(model, "?operation=backward&context_id=" + context, "", DY).expect(200);
    }

    @ParameterizedTest(name = "{1} {0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'commit': 'false', 'operation': 'forward-train'  | ``                    | commit true or false",
                "'commit': 0, 'operation': 'forward-train'        | ``                    | commit true or false",
                "'commit': [false], 'operation': 'forward-train'  | ``                    | commit true or false",
                "'commit': {}, 'operation': 'forward-train'       | ``                    | commit true or false",
                "'commit': NaN, 'operation': 'forward-train'      | ``                    | commit true or false",
                "'operation': ['forward-train']                   | ``                    | operation string",
                "'commit': false                                  | ``                    | commit forward-train",
                "'return_statistics': false                       | ``                    | return_statistics forward-train",
                "'context_id': 'x'                                | ``                    | context_id backward",
                "'mode': 'train'                                  | ``                    | mode backward",
                "'statistics_blend': 0.5, 'operation': 'forward-train' | ``               | statistics_blend forward-infer",
                "'statistics_blend': 'half'                       | ``                    | statistics_blend number",
                "'statistics_blend': true                         | ``                    | statistics_blend number",
                "'statistics_blend': NaN                          | ``                    | statistics_blend number",
                "'mask': [1, 0, 1], 'operation': 'forward-train'  | ``                    | mask input",
                "'weights': [1, 1, 1], 'operation': 'forward-train' | ``                  | weights input",
                "'weights': 'x', 'operation': 'forward-train'     | ``                    | weights input",
                "'batch_mean': [1, 1], 'operation': 'backward'    | ``                    | batch_mean input",
                "'operation': 'forward-train'                     | ?operation=forward-infer | operation query",
                "'operation': 'forward-train', 'commit': true     | ?commit=false         | commit query",
                "'mine': 1                                        | ?operation=forward-train&operation=forward-train | operation twice",
                "'mine': 1                                        | ?operation=forward-train&commit=no | commit true or false",
                "'mine': 1                                        | ?operation=Forward-Train | operation forward-train",
                "'mine': 1                                        | ?operation=           | operation forward-train",
                "'mine': 1                                        | ?operation            | operation forward-train",
                "'mine': 1                                        | ?statistics_blend=0x1 | statistics_blend number",
                "'mine': 1                                        | ?operation=forward%2 | query",
                "'mine': 1                                        | ?operation=forward-train&weights=1,1,1 | weights input",
            })
    void aWordInTheWrongPlaceOrFormChangesNothing(String parameters, String query, String words)
            throws IOException {
        String model = model("\"features\": 2");
        refused(infer(model, query, parameters, X), words);
        untouched(model);
    }

    private static void refused(Reply reply, String words) throws IOException {
        reply.expect(400);
        assertThat(reply.json().propertyNames()).containsExactly("error");
        for (String word : words.split(" ")) {
            assertThat(reply.error()).containsIgnoringCase(word);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'commit': false, 'parameters': @train, 'inputs': [@x]}                 | commit parameters",
                "{'operation': 'forward-train', 'inputs': [@x]}                          | operation parameters",
                "{'parameters': @train, 'mask': [1, 0, 1], 'inputs': [@x]}               | mask inputs",
                "{'parameters': @train, 'inputs': [{'parameters': {'commit': false}, @body}]}   | commit parameters request",
                "{'parameters': @train, 'inputs': [@x], 'outputs': [{'name': 'output', 'parameters': {'save_context': false}}]} | save_context parameters request",
                "{'parameters': @train, 'inputs': [@x], 'outputs': [{'name': 'output', 'parameters': {'binary_data': 1}}]}  | binary_data true or false",
                "{'parameters': @train, 'inputs': [@x], 'outputs': [{'name': 'output', 'parameters': {'binary_data': {}}}]} | binary_data true or false",
                "{'parameters': @train, 'inputs': [@x], 'outputs': [{'name': 'output', 'parameters': {'classification': [2]}}]} | classification not offered",
                "{'parameters': {'operation': 'forward-train', 'binary_data_output': 'yes'}, 'inputs': [@x]} | binary_data_output true or false",
                "{'parameters': @train, 'inputs': [{'parameters': {'shared_memory_region': 'r', 'shared_memory_byte_size': 48}, @body}]} | shared memory not offered",
                "{'parameters': @train, 'inputs': [{'parameters': {'binary_data_size': {}}, @body}]} | binary_data_size",
                "{'parameters': @train, 'inputs': [@x, {'name': 'weights', 'shape': [3, 1], 'datatype': 'FP64', 'data': [1, 1, 1]}]} | weights one dimension",
                "{'parameters': @train, 'inputs': [@x, {'name': 'weights', 'shape': [3], 'datatype': 'INT64', 'data': [1, 1, 1]}]}   | datatype FP64",
                "{'parameters': @train, 'inputs': [@x, {'name': 'weights', 'shape': [3], 'datatype': 'BOOL', 'data': [true, true, true]}]} | datatype FP64 BOOL",
                "{'parameters': @train, 'inputs': [@x, {'name': 'mask', 'shape': [3], 'datatype': 'FP64', 'data': [1, 0.5, 1]}]}     | mask[1] 0 or 1",
                "{'parameters': @train, 'inputs': [@x, {'name': 'mask', 'shape': [3], 'datatype': 'BOOL', 'data': [1, 2, 1]}]}       | mask[1] 0 or 1",
                "{'parameters': @train, 'inputs': [@x, {'name': 'mask', 'shape': [3], 'datatype': 'INT8', 'data': [1, 0, 1]}]}       | datatype BOOL",
                "{'parameters': @train, 'inputs': [{'name': 'input', 'shape': [3, 2], 'datatype': 'BOOL', 'data': [1, 0, 1, 1, 0, 1]}]} | datatype FP64 BOOL",
                "{'parameters': @train, 'inputs': [{'name': 'input', 'shape': [3, 2], 'datatype': 'INT32', 'data': [1, 0, 1, 1, 0, 1]}]} | datatype FP64 INT32",
                "{'parameters': @train, 'inputs': [{'name': 'input', 'shape': [3, 2], 'datatype': 'BYTES', 'data': ['a', 'b']}]} | datatype FP64 BYTES",
                "{'parameters': @train, 'inputs': [{'name': 'input', 'shape': [3, 2], 'datatype': 'FP32', 'data': [true, false, true, true, true, true]}]} | input number",
                "{'inputs': [@x, {'name': 'mask', 'shape': [3], 'datatype': 'FP64', 'data': [1, 0, 1]}]} | forward-infer input",
            })
    void aRequestInTheWrongFormChangesNothing(String json, String words) throws IOException {
        String model = model("\"features\": 2");
        String body =
                json.replace("@train", "{'operation': 'forward-train'}")
                        .replace("@x", X)
                        .replace("@body", X.substring(1, X.length() - 1));
        refused(post(model, "", body), words);
        untouched(model);
    }

    @ParameterizedTest(name = "{1} {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'operation': 'backward', 'mode': 'infer'     | mask       | mask train",
                "'operation': 'backward', 'mode': 'infer'     | weights    | weights train",
                "'operation': 'backward', 'statistics_blend': 0.5 | none   | statistics_blend infer",
                "'operation': 'backward', 'context_id': 'x'   | mask       | grad_output context_id",
                "'operation': 'backward', 'context_id': 'x', 'statistics_blend': 1 | none | statistics_blend context_id",
                "'operation': 'backward', 'context_id': 'x', 'mode': 'train' | none | mode context_id",
                "'operation': 'backward', 'commit': false     | none       | commit forward-train",
                "'operation': 'backward', 'save_context': true | none      | save_context forward-train",
                "'operation': 'backward'                      | batch_mean | batch_var batch_mean",
            })
    void aBackwardTakesOnlyWhatItsForwardHad(String parameters, String input, String words)
            throws IOException {
        String model = model("\"features\": 2");
        Reply reply =
                input.equals("none")
                        ? infer(model, "", parameters, DY, X)
                        : infer(
                                model,
                                "",
                                parameters,
                                DY,
                                X,
                                "{'name': '%s', 'shape': [3], 'datatype': 'FP64', 'data': [1, 0, 1]}"
                                        .formatted(input));
        refused(reply, words);
    }

    @Test
    void wordsOfOtherServersAreIgnored() throws IOException {
        String model = model("\"features\": 2");
        infer(
                        model,
                        "?sequence_id=7&Commit=false&%zz&=&x",
                        "'priority': 3, 'timeout': 100, 'headers': {'a': [1]}, 'Commit': false, 'commit': null,"
                                + " 'operation': null",
                        X)
                .expect(200);
    }

    @Test
    void aConditionThatIsNotReadIsRefused() throws IOException {
        String model = model("\"features\": 2");
        Reply reply =
                wire.post(
                        "/v2/models/" + model + "/infer",
                        ("{'parameters': {'operation': 'forward-train'}, 'inputs': [" + X + "]}")
                                .replace('\'', '"')
                                .getBytes(StandardCharsets.UTF_8),
                        "If-Match: \"a\"");
        refused(reply, "If-Match versions");
        untouched(model);
    }

    @Test
    void anOutputThatTheLayerDoesNotHaveIsRefusedBeforeTheStep() throws IOException {
        String model = model("\"features\": 2, \"track_running_stats\": false, \"scale\": false");
        String step =
                "{'id': 'one', 'parameters': {'operation': 'forward-train'}, 'inputs': [%s], 'outputs': [%s]}";
        for (String output : List.of("running_mean", "running_var")) {
            String outputs = "{'name': 'output'}, {'name': '" + output + "'}";
            refused(post(model, "", step.formatted(X, outputs)), output + " track_running_stats");
        }
        Reply first = post(model, "", step.formatted(X, "{'name': 'output'}")).expect(200);
        assertThat(first.parameter("replayed").booleanValue()).isFalse();
        refused(
                post(
                        model,
                        "",
                        "{'parameters': {'operation': 'backward'}, 'inputs': [%s, %s], 'outputs': [{'name': 'grad_gamma'}]}"
                                .formatted(DY, X)),
                "grad_gamma scale");
        Reply all = infer(model, "", "'operation': 'backward'", DY, X).expect(200);
        assertThat(all.text()).contains("grad_beta").doesNotContain("grad_gamma");
    }

    @Test
    void anOutputOfAFrozenLayerIsRefused() throws IOException {
        String model = model("\"features\": 2, \"freeze_parameters\": true");
        for (String output : List.of("grad_gamma", "grad_beta")) {
            refused(
                    post(
                            model,
                            "",
                            "{'parameters': {'operation': 'backward'}, 'inputs': [%s, %s], 'outputs': [{'name': '%s'}]}"
                                    .formatted(DY, X, output)),
                    output + " freeze_parameters");
        }
    }
}
