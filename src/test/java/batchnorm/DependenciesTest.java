package batchnorm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor.Version;
import org.apache.catalina.util.ServerInfo;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteJDBCLoader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Libraries whose older versions have holes that matter here, as they are loaded, not as the build
/// file asks for them.
class DependenciesTest {

    /// Before 11.0.27: a denial of service by HTTP/2. The newest patch of which every artifact is
    /// published, because the web server reads what strangers send.
    @Test
    void tomcatIsNewEnough() {
        assertThat(Version.parse(ServerInfo.getServerNumber()))
                .isGreaterThanOrEqualTo(Version.parse("11.0.29"));
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
                    .contains("tomcat-embed-core", "sqlite-jdbc", "postgresql")
                    .doesNotContain("junit-jupiter", "jazzer-junit");
        }
    }
}
