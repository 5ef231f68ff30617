package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// Tests the outcome of browser tests on a machine without a browser.
class BrowserSessionTest {
    private final Path nothing;

    BrowserSessionTest(@TempDir Path nothing) {
        this.nothing = nothing;
    }

    @Test
    void withoutABrowserATestClassIsSkippedWithOneSentence() {
        Outcome outcome = run("false");
        assertThat(outcome.failed).isEmpty();
        assertThat(outcome.skipped).singleElement().asString().contains("apt-get install chromium");
        assertThat(outcome.testsStarted).isZero();
    }

    @Test
    void withoutABrowserATestClassFailsOnceInCi() {
        Outcome outcome = run("true");
        assertThat(outcome.skipped).isEmpty();
        assertThat(outcome.failed)
                .singleElement()
                .asString()
                .contains("CI=true", "apt-get install chromium");
        assertThat(outcome.testsStarted).isZero();
    }

    private Outcome run(String ci) {
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(SwaggerUiTest.class))
                        .configurationParameter(BrowserSession.PATH, nothing.toString())
                        .configurationParameter(BrowserSession.CI, ci)
                        .build();
        Outcome outcome = new Outcome();
        LauncherFactory.create().execute(request, outcome);
        return outcome;
    }

    private static final class Outcome implements TestExecutionListener {
        private final List<String> skipped = new ArrayList<>();
        private final List<String> failed = new ArrayList<>();
        private int testsStarted;

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            skipped.add(reason);
        }

        @Override
        public void executionStarted(TestIdentifier test) {
            testsStarted += test.isTest() ? 1 : 0;
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            result.getThrowable().ifPresent(thrown -> failed.add(thrown.toString()));
        }
    }
}
