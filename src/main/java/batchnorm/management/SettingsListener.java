package batchnorm.management;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.StringUtils;

/// Checks settings of libraries as soon as the log is configured, and warns of unknown environment
/// variables.
final class SettingsListener
        implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsListener.class);

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        ConfigurableEnvironment environment = event.getEnvironment();
        String format = environment.getProperty(LogFormat.REJECTED);
        if (format != null) {
            throw new SettingRefused(
                    "BATCHNORM_LOG_FORMAT is \"" + format + "\", which is no log format",
                    "Set it to ecs, gelf or logstash, or leave it empty for plain text.");
        }
        requireUrl(environment.getProperty(TracesOnRequest.ENDPOINT));
        for (String warning :
                EnvironmentVariables.of(environment)
                        .warnings(environment.getSystemEnvironment().keySet())) {
            LOG.atWarn().addKeyValue("event", "unknown-variable").log("{}", warning);
        }
    }

    private static void requireUrl(@Nullable String endpoint) {
        if (StringUtils.hasText(endpoint) && !isHttp(endpoint)) {
            throw new SettingRefused(
                    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is \""
                            + endpoint
                            + "\", which is no HTTP URL",
                    "Set it to a URL such as http://collector:4318/v1/traces, or leave it empty for no"
                            + " traces.");
        }
    }

    private static boolean isHttp(String endpoint) {
        try {
            URI uri = new URI(endpoint);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null;
        } catch (URISyntaxException malformed) {
            return false;
        }
    }

    /// Runs after the listener that configures the log.
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
