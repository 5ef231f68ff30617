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

/// Libraries whose older versions have holes that matter here, as they are loaded, not as the build
/// file asks for them.
class DependenciesTest {

    /// The newest patch of which every artifact is published, because the web server reads what
    /// strangers send.
    @Test
    void jettyIsNewEnough() {
        assertThat(Version.parse(Jetty.VERSION)).isGreaterThanOrEqualTo(Version.parse("12.1.12"));
    }

    /// Before: a database that is damaged when its write-ahead log begins anew.
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
