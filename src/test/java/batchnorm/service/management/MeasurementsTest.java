package batchnorm.service.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Tests the metrics for Prometheus.
class MeasurementsTest {
    private static final Path DASHBOARD = Path.of("docs/grafana-dashboard.json");
    private static final Path PAGE = Path.of("docs/deployment.md");
    private static final Pattern METRIC =
            Pattern.compile("(?<![$\\w])(?:batchnorm|http|jvm)_[a-z_]+[a-z]");
    private static ServiceUnderTest service;
    private static Client client;
    private static String metrics;

    @BeforeAll
    static void start() throws IOException {
        service = new ServiceUnderTest("BATCHNORM_CONTEXT_BYTES=1000");
        client = service.client();
        String layer = client.layer("\"features\": 2");
        String step = "{\"input\": [[1, 2], [3, 4]], \"save_context\": false}";
        client.post(layer + "/forward-train", step, "Idempotency-Key", "one").expect(200);
        client.post(layer + "/forward-train", step, "Idempotency-Key", "one").expect(200);
        client.train(layer, "[[1, 2], [3, 4], [5, 6]]");
        client.post(layer + "/forward-train", "{\"input\": " + large() + "}").expect(429);
        metrics = scrape();
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @Test
    void countsWhatHappened() {
        assertThat(value(metrics, "batchnorm_steps_replayed_total")).isEqualTo(1);
        assertThat(value(metrics, "batchnorm_contexts_refused_total")).isEqualTo(1);
        assertThat(value(metrics, "batchnorm_contexts_held")).isEqualTo(1);
        // A layer and two steps; keys are read outside the commits.
        assertThat(value(metrics, "batchnorm_commit_changes_total")).isEqualTo(3);
        assertThat(value(metrics, "batchnorm_commits_total")).isBetween(1.0, 3.0);
        assertThat(value(metrics, "batchnorm_elements_total{operation=\"forward-train\"}"))
                .isEqualTo(4 + 4 + 6);
        assertThat(value(metrics, "batchnorm_body_bytes_total")).isGreaterThan(100);
        for (String phase : new String[] {"decode", "compute", "commit", "encode"}) {
            String timer =
                    "batchnorm_phase_seconds_%s{operation=\"forward-train\",phase=\""
                            + phase
                            + "\"}";
            assertThat(value(metrics, timer.formatted("count"))).isEqualTo(3);
            assertThat(value(metrics, timer.formatted("sum"))).isPositive();
        }
    }

    @Test
    void countsWhatIsStored() {
        assertThat(value(metrics, "batchnorm_layers")).isEqualTo(1);
        assertThat(value(metrics, "batchnorm_keys")).isEqualTo(1);
        assertThat(value(metrics, "batchnorm_store_bytes")).isGreaterThan(4096);
        assertThat(value(metrics, "batchnorm_data_free_bytes")).isPositive();
        assertThat(value(metrics, "batchnorm_store_connections_waiting")).isZero();
        assertThat(metrics)
                .containsPattern("batchnorm_build_info\\{java=\"25.*\",version=\".+\"} 1");
    }

    /// Measured in standard deviations of the layer's statistics.
    @Test
    void measuresTheDriftOfALayersBatches() throws IOException {
        String layer = client.layer("\"features\": 1, \"running_mean\": [0], \"running_var\": [1]");
        step(layer, "[[9], [11]]");
        String name = layer.substring("/layers/".length());
        // Afterwards the running mean is 1 and the running variance 0.9 + 0.1 * 2.
        assertThat(value(scrape(), "batchnorm_layer_drift{layer=\"" + name + "\"}"))
                .isEqualTo(9 / Math.sqrt(1.1), within(1e-12));
    }

    @Test
    void watchesTwentyLayersHoweverManyThereAre() throws IOException {
        for (int i = 0; i < 50; i++) {
            step(client.layer("\"features\": 1"), "[[1], [2]]");
        }
        assertThat(scrape().lines().filter(line -> line.startsWith("batchnorm_layer_drift{")))
                .hasSize(20);
    }

    /// Unregistered names have no series of their own.
    @Test
    void pathsOfCallersMakeNoSeries() throws IOException {
        for (int i = 0; i < 30; i++) {
            client.get("//no-such-path-" + i);
            client.get("/layers/no-such-layer-" + i);
        }
        assertThat(scrape()).doesNotContain("no-such");
    }

    @Test
    void theDashboardAndThePageNameOnlyWhatThereIs() throws IOException {
        Set<String> series = names(scrape());
        assertThat(series)
                .containsAll(names(Files.readString(DASHBOARD)))
                .containsAll(
                        names(Files.readString(PAGE)).stream()
                                .map(name -> name.endsWith("_seconds") ? name + "_count" : name)
                                .toList());
        assertThat(names(Files.readString(DASHBOARD))).hasSizeGreaterThan(12);
    }

    private static void step(String layer, String input) throws IOException {
        client.post(layer + "/forward-train", "{\"input\": " + input + ", \"save_context\": false}")
                .expect(200);
    }

    private static Set<String> names(String text) {
        return METRIC.matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String scrape() throws IOException {
        return client.get("//actuator/prometheus").expect(200).body();
    }

    private static double value(String metrics, String series) {
        return metrics.lines()
                .filter(line -> line.startsWith(series + " "))
                .map(line -> line.substring(series.length() + 1))
                .mapToDouble(Double::parseDouble)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + series + " in\n" + metrics));
    }

    private static String large() {
        return "[" + "[1, 2], ".repeat(100) + "[3, 4]]";
    }
}
