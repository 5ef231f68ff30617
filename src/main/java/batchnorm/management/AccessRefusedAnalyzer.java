package batchnorm.management;

import batchnorm.access.AccessRefused;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Says in a sentence why the service does not open its door, and what to set.
final class AccessRefusedAnalyzer extends AbstractFailureAnalyzer<AccessRefused> {

    @Override
    protected FailureAnalysis analyze(Throwable root, AccessRefused refused) {
        return new FailureAnalysis(String.valueOf(refused.getMessage()), refused.remedy(), refused);
    }
}
