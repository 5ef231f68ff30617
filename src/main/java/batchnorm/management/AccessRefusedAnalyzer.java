package batchnorm.management;

import batchnorm.access.AccessRefused;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Reports insecure access settings and their remedy in place of a stack trace.
final class AccessRefusedAnalyzer extends AbstractFailureAnalyzer<AccessRefused> {

    @Override
    protected FailureAnalysis analyze(Throwable root, AccessRefused refused) {
        return new FailureAnalysis(String.valueOf(refused.getMessage()), refused.remedy(), refused);
    }
}
