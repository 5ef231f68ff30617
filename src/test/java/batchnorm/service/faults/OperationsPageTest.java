package batchnorm.service.faults;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The table of `docs/operations.md` has every event of the program, and its metrics and problems
/// exist. [StoreStateTest] and others make the events happen.
@ExtendWith(ServiceUnderTest.Shared.class)
class OperationsPageTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern EVENT = Pattern.compile("addKeyValue\\(\"event\", \"([a-z-]+)\"");
    private static final Set<String> STATES =
            Set.of(
                    "store-full",
                    "store-read-only",
                    "store-unavailable",
                    "store-damaged",
                    "store-stopped",
                    "store-ready");

    @Test
    void listsEveryEvent() throws IOException {
        Set<String> events = new TreeSet<>(STATES);
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(name -> name.toString().endsWith(".java")).toList()) {
                EVENT.matcher(Files.readString(file))
                        .results()
                        .map((MatchResult event) -> event.group(1))
                        .forEach(events::add);
            }
        }
        assertThat(OperationsPage.rows().keySet()).isEqualTo(events);
    }

    @Test
    void namesMetricsAndProblemsThatExist(Client client) throws IOException {
        client.get("/layers/absent", "Authorization", "Bearer x");
        String metrics = client.get("//actuator/prometheus").expect(200).body();
        Set<String> problems =
                Pattern.compile("\\d{3} ([a-z-]+)")
                        .matcher(
                                OperationsPage.rows().values().stream()
                                        .map(OperationsPage.Row::problem)
                                        .collect(Collectors.joining(" ")))
                        .results()
                        .map((MatchResult problem) -> problem.group(1))
                        .collect(Collectors.toSet());
        assertThat(problems).hasSizeGreaterThan(5);
        for (String slug : problems) {
            client.get("//problems/" + slug).expect(200);
        }
        for (OperationsPage.Row row : OperationsPage.rows().values()) {
            if (row.metric().startsWith("batchnorm_store")
                    || row.metric().startsWith("batchnorm_requests")) {
                assertThat(metrics).contains("\n" + row.metric() + " ");
            }
        }
    }
}
