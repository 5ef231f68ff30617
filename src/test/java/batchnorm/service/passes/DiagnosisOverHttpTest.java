package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.codec.Message;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Names the bugs of the project's teaching texts, whose arithmetic is written out here, and
/// rejects requests that cannot be compared.
@ExtendWith(ServiceUnderTest.Shared.class)
class DiagnosisOverHttpTest {
    private static final String PATH = "/diagnose";
    private static final double[][] X = {{1, 2}, {3, 4}, {5, 6}};
    private static final double[][] LATER = {{2, 9}, {4, 1}, {9, 3}};
    private static final double[][] DY = {{0.1, 0.2}, {0.3, 0.4}, {0.5, 0.7}};

    private final Client client;

    DiagnosisOverHttpTest(Client client) {
        this.client = client;
    }

    /// The NumPy class of K1, K2 and J, as printed.
    private static final class BookClass {
        private final boolean addsVariance;
        private double[] runningMean = {0, 0};
        private double[] runningVar = {0, 0};
        private double[][] xhat = {};
        private double[] std = {};

        BookClass(boolean addsVariance) {
            this.addsVariance = addsVariance;
        }

        double[][] forward(double[][] x, boolean train) {
            if (!train) {
                return map(
                        x, (i, c) -> (x[i][c] - runningMean[c]) / Math.sqrt(runningVar[c] + 10e-7));
            }
            double[] mu = means(x);
            double[][] xc = map(x, (i, c) -> x[i][c] - mu[c]);
            double[] var = means(map(xc, (i, c) -> xc[i][c] * xc[i][c]));
            std = vector(c -> Math.sqrt(var[c] + 10e-7));
            xhat = map(xc, (i, c) -> xc[i][c] / std[c]);
            double[] oldMean = runningMean;
            double[] oldVar = runningVar;
            runningMean = vector(c -> 0.9 * oldMean[c] + 0.1 * mu[c]);
            runningVar = vector(c -> 0.9 * oldVar[c] + (addsVariance ? 0.1 * var[c] : 0));
            return xhat;
        }

        double[][] backward(double[][] dy) {
            double[] sum = vector(c -> dy[0][c] + dy[1][c] + dy[2][c]);
            double[] product =
                    vector(c ->
                            dy[0][c] * xhat[0][c] + dy[1][c] * xhat[1][c] + dy[2][c] * xhat[2][c]);
            return map(
                    dy, (i, c) -> (dy[i][c] - sum[c] / 3 - xhat[i][c] * product[c] / 3) / std[c]);
        }
    }

    @Test
    void k1TheRunningVarianceOnlyDecays() throws IOException {
        BookClass net = new BookClass(false);
        double[][] y = net.forward(X, true);
        JsonNode diagnosis =
                diagnose(
                        field("input", X),
                        field("output", y),
                        "\"momentum\": 0.9, \"epsilon\": 1e-6, \"mode\": \"train\"",
                        "\"running_mean_before\": [0, 0], \"running_var_before\": [0, 0]",
                        field("running_mean_after", net.runningMean),
                        field("running_var_after", net.runningVar));
        assertThat(mistake(diagnosis, "forward")).isEqualTo("none");
        assertThat(first(diagnosis, "forward").get("convention").stringValue())
                .isEqualTo("deep-learning-from-scratch");
        assertThat(mistake(diagnosis, "running_update")).isEqualTo("variance-only-decayed");
        assertThat(diagnosis.get("verdict").stringValue()).contains("only decays");
        assertThat(diagnosis.get("indistinguishable").toString())
                .contains("\"variance-only-decayed\",\"not-updated\"");
        assertThat(diagnosis.get("to_tell_apart").toString()).contains("running_var_before");
    }

    @Test
    void k2TheBackwardUsesWhateverForwardRanLast() throws IOException {
        BookClass net = new BookClass(false);
        net.forward(X, true);
        net.forward(LATER, true);
        JsonNode diagnosis =
                diagnose(
                        field("input", X),
                        field("other_input", LATER),
                        field("grad_output", DY),
                        field("grad_input", net.backward(DY)),
                        "\"convention\": \"deep-learning-from-scratch\"");
        assertThat(mistake(diagnosis, "backward")).isEqualTo("other-forward");
    }

    @Test
    void jIsRightOnceItParses() throws IOException {
        BookClass net = new BookClass(true);
        double[][] y = net.forward(X, true);
        JsonNode diagnosis =
                diagnose(
                        field("input", X),
                        field("output", y),
                        field("running_mean_after", net.runningMean),
                        field("running_var_after", net.runningVar),
                        field("grad_output", DY),
                        field("grad_input", net.backward(DY)));
        for (JsonNode explanation : diagnosis.get("explanations")) {
            assertThat(explanation.get("mistake").isNull()).as("%s", explanation).isTrue();
            assertThat(explanation.get("convention").stringValue())
                    .isEqualTo("deep-learning-from-scratch");
        }
        assertThat(diagnosis.get("indistinguishable")).isEmpty();
    }

    @Test
    void pIsRightAndItsInferenceUsesTheBatch() throws IOException {
        double edge = 1.2247425750014138;
        double dx = 4.592767433377e-07;
        JsonNode diagnosis =
                diagnose(
                        field("input", X),
                        field("output", new double[][] {{-edge, -edge}, {0, 0}, {edge, edge}}),
                        "\"grad_output\": [[0.1,0.2],[0.3,0.4],[0.5,0.6]]",
                        field("grad_input", new double[][] {{-dx, -dx}, {0, 0}, {dx, dx}}),
                        "\"grad_gamma\": [0.4898970300005655, 0.4898970300005655]",
                        "\"grad_beta\": [0.9, 1.2000000000000002]");
        assertThat(mistake(diagnosis, "forward")).isEqualTo("none");
        assertThat(mistake(diagnosis, "backward")).isEqualTo("none");
        assertThat(diagnosis.get("indistinguishable").toString()).contains("pure-python");

        assertThat(
                        mistake(
                                diagnose(
                                        field("input", X),
                                        field(
                                                "output",
                                                new double[][] {
                                                    {-edge, -edge}, {0, 0}, {edge, edge}
                                                }),
                                        "\"mode\": \"infer\"",
                                        "\"running_mean_before\": [0, 0]",
                                        "\"running_var_before\": [1, 1]"),
                                "forward"))
                .isEqualTo("batch-statistics");
    }

    /// The moving averages are computed, but no operation assigns them.
    @Test
    void tTheMovingAveragesAreNeverAssigned() throws IOException {
        JsonNode diagnosis =
                diagnose(
                        field("input", X),
                        "\"momentum\": 0.999, \"convention\": \"tensorflow-1\"",
                        "\"running_mean_before\": [0.25, 0.5], \"running_var_before\": [0.5, 2]",
                        "\"running_mean_after\": [0.25, 0.5], \"running_var_after\": [0.5, 2]");
        assertThat(mistake(diagnosis, "running_update")).isEqualTo("not-updated");
    }

    @Test
    void tTheTestBranchUsesTheBatchAndTheWrapperIgnoresItsEpsilon() throws IOException {
        double[] mean = means(X);
        double[][] y = map(X, (i, c) -> (X[i][c] - mean[c]) / Math.sqrt(8 / 3.0 + 1e-3));
        JsonNode tested =
                diagnose(
                        field("input", X),
                        field("output", y),
                        "\"epsilon\": 1e-3, \"mode\": \"infer\"",
                        "\"running_mean_before\": [0.003, 0.004]",
                        "\"running_var_before\": [0.0026, 0.0026]");
        assertThat(mistake(tested, "forward")).isEqualTo("batch-statistics");

        JsonNode wrapped = diagnose(field("input", X), field("output", y), "\"epsilon\": 1e-5");
        assertThat(mistake(wrapped, "forward")).isEqualTo("epsilon-other");
        assertThat(first(wrapped, "forward").get("epsilon").doubleValue())
                .isEqualTo(1e-3, within(0.0));
    }

    @Test
    void readsNpzBodies() throws IOException {
        Message evidence =
                new Message()
                        .with("input", tensor(X))
                        .with("output", tensor(map(X, (i, c) -> X[i][c] - 3 - c)))
                        .with("gamma", new double[] {2, 3});
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        new NpzCodec().encode(evidence, body);
        Answer answer =
                client.send(
                                "POST",
                                PATH + "?epsilon=1e-5&mode=train",
                                body.toByteArray(),
                                "Content-Type",
                                "application/x-npz")
                        .expect(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(mistake(answer.json(), "forward")).isEqualTo("unknown");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | 400 | input | required",
                "{'input': [[1],[2]]} | 400 | output | no result",
                "{'input': [[1],[2]], 'output': [[1,2]]} | 422 | output | must have the same shape",
                "{'input': [[1],[2]], 'output': [[1],['NaN']]} | 422 | output[1][0] | finite",
                "{'input': [[1],['Infinity']], 'output': [[1],[1]]} | 422 | input[1][0] | finite",
                "{'input': [[1],[2]], 'output': [[1],[2]], 'gamma': [1,2]} | 422 | gamma | channels",
                "{'input': [[1],[2]], 'output': [[1],[2]], 'beta': ['NaN']} | 422 | beta[0] | finite",
                "{'input': [[1],[2]], 'output': [[1],[2]], 'epsilon': -1} | 400 | epsilon | 0 or more",
                "{'input': [[1],[2]], 'output': [[1],[2]], 'momentum': 2} | 400 | momentum | from 0 to 1",
                "{'input': [[1],[2]], 'grad_input': [[1],[2]]} | 400 | grad_output | required",
                "{'input': [1,2], 'output': [1,2]} | 422 | | rank 2 or more",
                "{'input': {'shape':[0,2],'data':[]}, 'output': []} | 422 | input | one row or more",
            })
    void rejectsWhatCannotBeCompared(String body, int status, String field, String remedy)
            throws IOException {
        Answer answer = client.post(PATH, body.replace('\'', '"')).expect(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        if (field != null) {
            assertThat(answer.field("field").stringValue()).isEqualTo(field);
        }
        assertThat(answer.detail()).contains(remedy);
    }

    private JsonNode diagnose(String... fields) throws IOException {
        return client.post(PATH, "{" + String.join(", ", fields) + "}").expect(200).json();
    }

    private static JsonNode first(JsonNode diagnosis, String aspect) {
        return diagnosis
                .get("explanations")
                .valueStream()
                .filter(each -> each.get("aspect").stringValue().equals(aspect))
                .findFirst()
                .orElseThrow();
    }

    private static String mistake(JsonNode diagnosis, String aspect) {
        return first(diagnosis, aspect).get("mistake").asString("none");
    }

    private interface Cell {
        double at(int row, int column);
    }

    private interface Entry {
        double at(int column);
    }

    private static double[][] map(double[][] like, Cell cell) {
        return IntStream.range(0, like.length)
                .mapToObj(i -> vector(c -> cell.at(i, c)))
                .toArray(double[][]::new);
    }

    private static double[] vector(Entry entry) {
        return new double[] {entry.at(0), entry.at(1)};
    }

    private static double[] means(double[][] rows) {
        return vector(c -> (rows[0][c] + rows[1][c] + rows[2][c]) / 3);
    }

    private static Tensor tensor(double[][] rows) {
        return Tensor.of(
                Shape.of(rows.length, 2),
                Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray());
    }

    private static String field(String name, double[][] rows) {
        return "\"%s\": [%s]"
                .formatted(
                        name,
                        Arrays.stream(rows).map(Arrays::toString).collect(Collectors.joining(",")));
    }

    private static String field(String name, double[] vector) {
        return String.format(Locale.ROOT, "\"%s\": %s", name, Arrays.toString(vector));
    }
}
