package batchnorm.management;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/// Excludes Spring Boot's tracing configuration unless an export endpoint is set. Unused traces
/// would slow startup and every request.
final class TracesOnRequest implements AutoConfigurationImportFilter, EnvironmentAware {
    static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";
    private static final List<String> PACKAGES =
            List.of(
                    "org.springframework.boot.opentelemetry.",
                    "org.springframework.boot.micrometer.tracing.");

    private boolean isEnabled;

    @Override
    public void setEnvironment(Environment environment) {
        isEnabled = StringUtils.hasText(environment.getProperty(ENDPOINT));
    }

    @Override
    public boolean[] match(@Nullable String[] configurations, AutoConfigurationMetadata metadata) {
        boolean[] matches = new boolean[configurations.length];
        for (int i = 0; i < matches.length; i++) {
            matches[i] = isEnabled || !isTracing(configurations[i]);
        }
        return matches;
    }

    /// @param configuration null when another filter has excluded it
    private static boolean isTracing(@Nullable String configuration) {
        return configuration != null && PACKAGES.stream().anyMatch(configuration::startsWith);
    }
}
