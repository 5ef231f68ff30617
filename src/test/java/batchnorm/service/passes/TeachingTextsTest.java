package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests the numbers of the project's teaching texts, with corrections of their errors.
///
/// K1 and K2: the NumPy class `BatchNormalization` (Korean); J: the same in Japanese, 2-D only; P:
/// plain Python lists; T: TensorFlow 1, step by step.
@ExtendWith(ServiceUnderTest.Shared.class)
class TeachingTextsTest {
    private static final String X = "[[1,2],[3,4],[5,6]]";
    private static final String DY = "[[0.1,0.2],[0.3,0.4],[0.5,0.6]]";
    private static final String BOOK = "\"convention\": \"deep-learning-from-scratch\"";
    private static final String TENSORFLOW_1 = "\"convention\": \"tensorflow-1\"";

    private final Client client;

    TeachingTextsTest(Client client) {
        this.client = client;
    }

    /// The worked example's running statistics after one batch, whose means are 3 and 4 and biased
    /// variance 8/3.
    @ParameterizedTest(name = "{0}: {1}, {2}; {3}")
    @CsvSource({
        "pytorch, 0.3, 0.4, 1.3",
        "keras, 0.03, 0.04, 1.0166666666666666",
        "flax, 0.03, 0.04, 1.0166666666666666",
        "onnx, 0.3, 0.4, 1.1666666666666667",
        "mxnet, 0.3, 0.4, 1.1666666666666667",
        "paddle, 0.3, 0.4, 1.1666666666666667",
        "dl4j, 0.3, 0.4, 1.1666666666666667",
        "deep-learning-from-scratch, 0.3, 0.4, 0.26666666666666666",
        "tensorflow-1, 0.003, 0.004, 0.0026666666666666666",
    })
    void oneBatchGivesTheRunningStatisticsOfTheConvention(
            String convention, double mean0, double mean1, double variance) throws IOException {
        String layer = client.layer("\"convention\": \"%s\"".formatted(convention));
        Answer trained = client.train(layer, X);
        checkRunning(trained, mean0, mean1, variance);
        checkRunning(client.get(layer).expect(200), mean0, mean1, variance);
    }

    @Test
    void oneBatchGivesACumulativeAverageTheBatchItself() throws IOException {
        String layer = client.layer("\"convention\": \"pytorch\", \"momentum\": null");
        checkRunning(client.train(layer, X), 3, 4, 4);
    }

    private static void checkRunning(Answer answer, double mean0, double mean1, double variance) {
        assertThat(answer.numbers("running_mean"))
                .containsExactly(new double[] {mean0, mean1}, within(1e-15));
        assertThat(answer.numbers("running_var"))
                .containsExactly(new double[] {variance, variance}, within(1e-15));
        assertThat(answer.field("num_batches_tracked").longValue()).isEqualTo(1);
    }

    @Test
    void plainPythonPrintsThisExample() throws IOException {
        String layer = client.layer("\"convention\": \"pure-python\"");
        Answer forward = client.train(layer, X);
        double y = 1.2247425750014138;
        assertThat(forward.numbers("output"))
                .containsExactly(new double[] {-y, -y, 0, 0, y, y}, within(1e-15));

        Answer backward = client.backward(layer, forward, DY);
        double gamma = 0.4898970300005655;
        double dx = 4.592767433377e-07;
        assertThat(backward.numbers("grad_gamma"))
                .containsExactly(new double[] {gamma, gamma}, within(1e-15));
        assertThat(backward.numbers("grad_beta"))
                .containsExactly(new double[] {0.9, 1.2}, within(1e-15));
        assertThat(backward.numbers("grad_input"))
                .containsExactly(new double[] {-dx, -dx, 0, 0, dx, dx}, within(1e-15));
    }

    @Test
    void plainPythonKeepsNoRunningStatistics() throws IOException {
        String layer = client.layer("\"convention\": \"pure-python\"");
        Answer forward = client.train(layer, X);
        assertThat(forward.json().path("running_mean").isArray()).isFalse();
        assertThat(client.infer(layer, X).numbers("output"))
                .containsExactly(forward.numbers("output"));
    }

    @Test
    void theBooksClassFlattensImages() throws IOException {
        String images = client.layer(BOOK);
        String rows = client.layer(BOOK);
        Answer ofImages =
                client.train(images, "[[[[1,2],[3,4]]],[[[5,7],[9,11]]],[[[6,3],[0,9]]]]");
        Answer ofRows = client.train(rows, "[[1,2,3,4],[5,7,9,11],[6,3,0,9]]");
        assertThat(ofImages.numbers("output")).containsExactly(ofRows.numbers("output"));
        assertThat(ofImages.numbers("running_mean"))
                .containsExactly(ofRows.numbers("running_mean"));
        assertThat(ofImages.numbers("running_var")).hasSize(4);
    }

    /// Its epsilon is printed as `10e-7`.
    @Test
    void theBooksClassAddsAMillionthToTheVariance() throws IOException {
        String layer = client.layer(BOOK);
        double y = 2 / Math.sqrt(8 / 3.0 + 1e-6);
        assertThat(client.train(layer, X).numbers("output"))
                .containsExactly(new double[] {-y, -y, 0, 0, y, y}, within(1e-15));
    }

    /// K1 and K2 lose the term `(1-momentum)·var`: their running variance stays 0, and inference
    /// then divides by √1e-6.
    @Test
    void theBooksClassLearnsItsRunningVariance() throws IOException {
        String layer = client.layer(BOOK);
        for (int step = 0; step < 200; step++) {
            client.train(layer, X);
        }
        double y = 2 / Math.sqrt(8 / 3.0 + 1e-6);
        assertThat(client.infer(layer, X).numbers("output"))
                .containsExactly(new double[] {-y, -y, 0, 0, y, y}, within(1e-8));
    }

    /// The class keeps the values of the last forward.
    @Test
    void backwardBelongsToItsOwnForward() throws IOException {
        String layer = client.layer(BOOK);
        Answer first = client.train(layer, X);
        client.train(layer, "[[9,1],[2,2],[7,5]]");
        client.infer(layer, "[[8,8]]");
        double gamma = 0.4 * 2 / Math.sqrt(8 / 3.0 + 1e-6);
        assertThat(client.backward(layer, first, DY).numbers("grad_gamma"))
                .containsExactly(new double[] {gamma, gamma}, within(1e-15));
    }

    /// Text J is 2-D only, where its features are the columns.
    @Test
    void theBooksClassAndOnnxDifferOnlyInTheirStartForRows() throws IOException {
        Answer book = client.train(client.layer(BOOK + ", \"epsilon\": 1e-5"), X);
        Answer onnx = client.train(client.layer("\"convention\": \"onnx\""), X);
        assertThat(book.numbers("output")).containsExactly(onnx.numbers("output"));
        assertThat(book.numbers("running_mean")).containsExactly(onnx.numbers("running_mean"));
        assertThat(onnx.numbers("running_var")[0] - book.numbers("running_var")[0])
                .isCloseTo(0.9, within(1e-15)); // the remainder of onnx's initial variance 1
    }

    /// All three occur in the text, and its wrapper ignores the one it is given.
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 1e-5, 1e-7})
    void tensorflow1UsesTheEpsilonItIsGiven(double epsilon) throws IOException {
        String layer = client.layer(TENSORFLOW_1 + ", \"epsilon\": " + epsilon);
        double y = 2 / Math.sqrt(8 / 3.0 + epsilon);
        assertThat(client.train(layer, X).numbers("output"))
                .containsExactly(new double[] {-y, -y, 0, 0, y, y}, within(1e-15));
    }

    @Test
    void tensorflow1DecaysFromZeroByAThousandthOfABatch() throws IOException {
        String layer = client.layer(TENSORFLOW_1);
        for (int step = 0; step < 100; step++) {
            client.train(layer, X);
        }
        double reached = 1 - Math.pow(0.999, 100);
        Answer now = client.get(layer).expect(200);
        assertThat(now.numbers("running_mean"))
                .containsExactly(new double[] {3 * reached, 4 * reached}, within(1e-13));
        assertThat(now.numbers("running_var")[0]).isCloseTo(8 / 3.0 * reached, within(1e-13));
    }

    /// One variant of the text never assigns its moving averages, and its test branch takes the
    /// batch's statistics.
    @Test
    void tensorflow1TestsWithItsMovingAverages() throws IOException {
        String layer = client.layer(TENSORFLOW_1);
        client.train(layer, X);
        double scale = 1 / Math.sqrt(0.0026666666666666666 + 1e-5);
        double[] expected = {(7 - 0.003) * scale, (7 - 0.004) * scale};
        assertThat(client.infer(layer, "[[7,7]]").numbers("output"))
                .containsExactly(expected, within(1e-11));
    }

    @Test
    void tensorflow1StartsWithScaleOneAndShiftZero() throws IOException {
        Answer layer = client.get(client.layer(TENSORFLOW_1 + ", \"features\": 2")).expect(200);
        assertThat(layer.numbers("gamma")).containsExactly(1, 1);
        assertThat(layer.numbers("beta")).containsExactly(0, 0);
        assertThat(layer.numbers("running_mean")).containsExactly(0, 0);
        assertThat(layer.numbers("running_var")).containsExactly(0, 0);
    }
}
