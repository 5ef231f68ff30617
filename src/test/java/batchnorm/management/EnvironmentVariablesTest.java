package batchnorm.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;

class EnvironmentVariablesTest {
    private final EnvironmentVariables variables;

    EnvironmentVariablesTest() throws IOException {
        StandardEnvironment environment = new StandardEnvironment();
        new YamlPropertySourceLoader()
                .load("application.yaml", new ClassPathResource("application.yaml"))
                .forEach(environment.getPropertySources()::addLast);
        this.variables = EnvironmentVariables.of(environment);
    }

    @Test
    void knowsTheVariableOfEachProperty() {
        assertThat(variables.of("batchnorm.limits.max-body-bytes"))
                .isEqualTo("BATCHNORM_MAX_BODY_BYTES");
        assertThat(variables.of("server.shutdown")).isNull();
    }

    @Test
    void warnsOfAnUnknownNameWithTheNearestOne() {
        assertThat(variables.warnings(List.of("BATCHNORM_DATA_DIRS", "BATCHNORM_MAX_BODY_BYTE")))
                .satisfiesExactly(
                        first ->
                                assertThat(first)
                                        .contains("BATCHNORM_DATA_DIRS is unknown")
                                        .contains("BATCHNORM_DATA_DIR is similar"),
                        second ->
                                assertThat(second)
                                        .contains("BATCHNORM_MAX_BODY_BYTE is unknown")
                                        .contains("BATCHNORM_MAX_BODY_BYTES is similar"));
        assertThat(variables.warnings(List.of("BATCHNORM_SOMETHING_ELSE_ENTIRELY")))
                .singleElement()
                .asString()
                .endsWith("has no effect");
    }

    @Test
    void acceptsItsOwnNamesThoseOfSpringAndThoseOfOtherPrograms() {
        assertThat(
                        variables.warnings(
                                List.of(
                                        "BATCHNORM_MAX_BODY_BYTES",
                                        "BATCHNORM_LIMITS_MAXBODYBYTES",
                                        "SERVER_PORT",
                                        "PATH")))
                .isEmpty();
    }

    @Test
    void boundsTheWarnings() {
        List<String> names =
                IntStream.range(0, 1000)
                        .mapToObj(i -> "BATCHNORM_" + "X".repeat(1000) + i)
                        .toList();
        assertThat(variables.warnings(names)).hasSize(20).allMatch(line -> line.length() < 200);
    }
}
