package batchnorm.service.browser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Provides tests with one [Browser], started once for all of them, or with the [InstalledBrowser]
/// to start their own. After each test the browser's console must have no errors.
///
/// Without an installed browser the test classes are skipped; with `CI=true` each of them fails.
/// JUnit's configuration parameters [#PATH] and [#CI] replace the environment variables.
public final class BrowserSession
        implements ExecutionCondition, BeforeAllCallback, ParameterResolver, AfterEachCallback {
    public static final String PATH = "batchnorm.test.path";
    public static final String CI = "batchnorm.test.ci";

    private static final Namespace NAMESPACE = Namespace.create(Browser.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return installed(context).isPresent() || setting(context, CI, "CI").equals("true")
                ? ConditionEvaluationResult.enabled("")
                : ConditionEvaluationResult.disabled(InstalledBrowser.MISSING);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (installed(context).isEmpty()) {
            throw new AssertionError("CI=true runs every test: " + InstalledBrowser.MISSING);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Browser.class || type == InstalledBrowser.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Browser.class
                ? browser(context)
                : installed(context).orElseThrow();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        browser(context).expectNoComplaints();
    }

    // The root store closes it after the last test.
    private static Browser browser(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent("browser", key -> start(context), Browser.class);
    }

    private static Browser start(ExtensionContext context) {
        try {
            return new Browser(installed(context).orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<InstalledBrowser> installed(ExtensionContext context) {
        return InstalledBrowser.on(setting(context, PATH, "PATH"));
    }

    private static String setting(ExtensionContext context, String parameter, String variable) {
        return context.getConfigurationParameter(parameter)
                .or(() -> Optional.ofNullable(System.getenv(variable)))
                .orElse("");
    }
}
