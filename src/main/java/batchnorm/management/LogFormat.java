package batchnorm.management;

import java.util.Map;
import java.util.Set;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/// Replaces an unknown log format with plain text, so that [SettingsListener] can report it: the
/// logging system would fail before anything can be logged.
final class LogFormat implements EnvironmentPostProcessor, Ordered {
    static final String REJECTED = "batchnorm.rejected-log-format";

    private static final String PROPERTY = "logging.structured.format.console";
    private static final Set<String> KNOWN = Set.of("ecs", "gelf", "logstash");

    @Override
    public void postProcessEnvironment(
            ConfigurableEnvironment environment, SpringApplication application) {
        String format = environment.getProperty(PROPERTY);
        if (StringUtils.hasText(format) && !KNOWN.contains(format)) {
            environment
                    .getPropertySources()
                    .addFirst(
                            new MapPropertySource(
                                    "rejected log format", Map.of(PROPERTY, "", REJECTED, format)));
        }
    }

    /// Runs after `application.yaml` was read.
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
