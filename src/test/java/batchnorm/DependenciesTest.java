package batchnorm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor.Version;
import org.eclipse.jetty.util.Jetty;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteJDBCLoader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Checks the loaded versions of libraries whose older versions have relevant vulnerabilities.
class DependenciesTest {

    /// The newest patch whose every artifact is published, because the web server reads untrusted
    /// input.
    @Test
    void jettyIsNewEnough() {
        assertThat(Version.parse(Jetty.VERSION)).isGreaterThanOrEqualTo(Version.parse("12.1.12"));
    }

    /// Earlier versions may corrupt a database when the write-ahead log is reset.
    @Test
    void sqliteIsNewEnough() {
        assertThat(Version.parse(SQLiteJDBCLoader.getVersion()))
                .isGreaterThanOrEqualTo(Version.parse("3.53.4"));
    }

    @Test
    void theListOfWhatIsInTheJarNamesThem() throws IOException {
        try (InputStream list =
                DependenciesTest.class.getResourceAsStream("/META-INF/sbom/application.cdx.json")) {
            JsonNode components = JsonMapper.shared().readTree(list).get("components");
            assertThat(components.valueStream().map(part -> part.path("name").asString()))
                    .contains("jetty-server", "sqlite-jdbc", "postgresql")
                    .doesNotContain("junit-jupiter", "jazzer-junit");
        }
    }
}
