package batchnorm.service.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The table of events in `docs/operations.md`.
final class OperationsPage {
    private static final Path PAGE = Path.of("docs/operations.md");

    private OperationsPage() {}

    /// @param level of the log line
    /// @param words at its begin
    /// @param health `none`, or the state of the store
    record Row(
            String event,
            String level,
            String words,
            String health,
            String metric,
            String problem) {
        /// Returns a pattern of the line.
        String line() {
            return level + " .*" + words;
        }
    }

    static Map<String, Row> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> List.of(line.replace("`", "").split(" *\\| *")))
                .map(OperationsPage::row)
                .collect(Collectors.toMap(Row::event, row -> row));
    }

    static Row row(String event) throws IOException {
        Row row = rows().get(event);
        assertThat(row).as("a row of docs/operations.md about %s", event).isNotNull();
        return row;
    }

    /// @param cells the first is before the first bar
    private static Row row(List<String> cells) {
        String[] line = cells.get(2).split(" ", 2);
        return new Row(cells.get(1), line[0], line[1], cells.get(3), cells.get(4), cells.get(5));
    }
}
