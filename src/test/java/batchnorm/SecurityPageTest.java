package batchnorm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Each threat in the security page names an existing test.
class SecurityPageTest {
    private static final Pattern TEST_NAME = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

    @Test
    void everyTestThatThePageNamesIsThere() throws IOException {
        List<MatchResult> named =
                TEST_NAME.matcher(Files.readString(Path.of("docs/security.md"))).results().toList();
        assertThat(named).hasSizeGreaterThan(40);
        for (MatchResult test : named) {
            String method = test.group(2) == null ? "class " + test.group(1) : test.group(2) + "(";
            assertThat(source(test.group(1))).as(test.group()).contains(method);
        }
    }

    private static String source(String name) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return Files.readString(
                    files.filter(file -> file.endsWith(name + ".java"))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError("there is no " + name)));
        }
    }
}
