package batchnorm.management;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/// Reports a value out of range, or of the wrong type, by the name of its environment variable.
/// Leaves other properties to Spring Boot.
final class SettingAnalyzer extends AbstractFailureAnalyzer<BindException> implements Ordered {
    private final Environment environment;

    SettingAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable root, BindException failure) {
        if (!(environment instanceof ConfigurableEnvironment configurable)) {
            return null;
        }
        EnvironmentVariables variables = EnvironmentVariables.of(configurable);
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindValidationException invalid) {
                return analysis(invalid, variables, failure);
            }
        }
        String variable = variables.of(failure.getName().toString());
        String value = environment.getProperty(failure.getName().toString());
        return variable == null
                ? null
                : analysis(
                        variable + "=" + value + " is not valid (" + root.getMessage() + ")",
                        variable,
                        failure);
    }

    private @Nullable FailureAnalysis analysis(
            BindValidationException invalid,
            EnvironmentVariables variables,
            BindException failure) {
        List<ObjectError> errors = invalid.getValidationErrors().getAllErrors();
        ConfigurationPropertyName prefix = invalid.getValidationErrors().getName();
        for (ObjectError error : errors) {
            if (error instanceof FieldError field) {
                String property = prefix.append(dashed(field.getField())).toString();
                String variable = variables.of(property);
                if (variable != null) {
                    return analysis(
                            variable
                                    + "="
                                    + environment.getProperty(property)
                                    + " is out of range: it "
                                    + field.getDefaultMessage(),
                            variable,
                            failure);
                }
            }
        }
        return null;
    }

    private static FailureAnalysis analysis(
            String description, String variable, BindException failure) {
        return new FailureAnalysis(
                description,
                "Correct "
                        + variable
                        + ", or remove it for the default; docs/configuration.md has both.",
                failure);
    }

    private static String dashed(String field) {
        return field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /// Before Spring Boot's own.
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
