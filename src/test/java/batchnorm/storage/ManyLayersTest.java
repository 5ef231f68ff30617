package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.LayerName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests that all lookups use an index among a hundred thousand layers.
class ManyLayersTest {
    private static final LayerName NAME = Samples.name("layer");
    private static final String COPIES =
            "INSERT INTO layers (name, incarnation, version, created_at, updated_at, convention,"
                    + " features, batches, config, gamma, beta, running_mean, running_var, checksum)"
                    + " WITH RECURSIVE number (n) AS"
                    + " (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000)"
                    + " SELECT printf('copy-%06d', n), hex(n), version, created_at, updated_at, convention,"
                    + " features, batches, config, gamma, beta, running_mean, running_var, checksum"
                    + " FROM layers, number WHERE name = 'layer'";

    @TempDir Path directory;

    private SqliteLayerStore open() {
        return new SqliteLayerStore(SqliteSettings.in(directory), Samples.CLOCK);
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("batchnorm.db"));
    }

    @Test
    void pagesAndStepsWorkAmongAHundredThousand() throws SQLException {
        try (SqliteLayerStore store = open()) {
            Samples.create(store, Samples.layer(NAME, 2));
        }
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(COPIES);
        }
        long begun = System.nanoTime();
        try (SqliteLayerStore store = open()) {
            long opened = System.nanoTime();
            assertThat(new TrainingClient(store, NAME).step("key", Samples.batch(0, 2)))
                    .isEqualTo(2);
            assertThat(store.list(2, Samples.name("copy-099998")))
                    .extracting(layer -> layer.name().value())
                    .containsExactly("copy-099999", "copy-100000");
            assertThat(store.list(10, Samples.name("copy-100000"))).hasSize(1);
            System.out.printf(
                    "100,000 layers: opened in %d ms, a step and two pages in %d ms%n",
                    (opened - begun) / 1_000_000, (System.nanoTime() - opened) / 1_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                LayerTable.FIND,
                LayerListing.SELECT,
                StepTable.FIND,
                StepTable.WHOLE,
                StepTable.FOLLOWING
            })
    void findsByKey(String sql) throws SQLException {
        open().close();
        List<String> plan = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("EXPLAIN QUERY PLAN " + sql)) {
            while (row.next()) {
                plan.add(row.getString("detail"));
            }
        }
        assertThat(plan).singleElement().asString().startsWith("SEARCH");
    }
}
