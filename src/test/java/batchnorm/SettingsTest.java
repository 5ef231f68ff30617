package batchnorm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/// Bound properties, `application.yaml` and `docs/configuration.md` have the same settings.
class SettingsTest {
    private static final Path YAML = Path.of("src/main/resources/application.yaml");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+):([^}]*)}");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ((?:`[A-Z_]+`(?:, )?)+) \\|");

    @Test
    void everyBoundKeyIsInTheYamlAndEveryKeyOfOursIsBound() {
        assertThat(bound()).isEqualTo(keys("batchnorm."));
    }

    @Test
    void everyKeyOfOursHasAnEnvironmentVariable() throws IOException {
        Set<String> variables = variables();
        assertThat(variables).hasSizeGreaterThanOrEqualTo(keys("batchnorm.").size());
        assertThat(Files.readString(YAML).split("\nserver:")[0].lines())
                .filteredOn(line -> line.matches("    ?[a-z-]+: .*") && !line.contains("#"))
                .allMatch(line -> VARIABLE.matcher(line).find());
    }

    @Test
    void everyEnvironmentVariableIsInTheConfigurationPage() throws IOException {
        assertThat(documented()).isEqualTo(variables());
    }

    private static Set<String> documented() throws IOException {
        return ROW.matcher(Files.readString(Path.of("docs/configuration.md")))
                .results()
                .flatMap(row -> Stream.of(row.group(1).split("[`, ]+")))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> variables() throws IOException {
        return VARIABLE.matcher(Files.readString(YAML))
                .results()
                .map((MatchResult variable) -> variable.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> keys(String prefix) {
        YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
        yaml.setResources(new ClassPathResource("application.yaml"));
        return Objects.requireNonNull(yaml.getObject()).stringPropertyNames().stream()
                .filter(key -> key.startsWith(prefix))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// Returns the keys of every settings record: its prefix and its components.
    private static Set<String> bound() {
        ClassPathScanningCandidateComponentProvider records =
                new ClassPathScanningCandidateComponentProvider(false);
        records.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        return records.findCandidateComponents("batchnorm").stream()
                .map(BeanDefinition::getBeanClassName)
                .map(SettingsTest::type)
                .flatMap(SettingsTest::keysOf)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> keysOf(Class<?> settings) {
        String prefix = settings.getAnnotation(ConfigurationProperties.class).value();
        return Arrays.stream(settings.getRecordComponents())
                .map(RecordComponent::getName)
                .map(name -> name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
                .map(name -> ConfigurationPropertyName.of(prefix + "." + name).toString());
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
