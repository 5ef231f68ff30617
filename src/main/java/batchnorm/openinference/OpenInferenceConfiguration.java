package batchnorm.openinference;

import batchnorm.access.ScopeResolver;
import batchnorm.layer.Layers;
import batchnorm.layer.Passes;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.HandlerMethod;

/// Wires this package.
@Configuration(proxyBeanMethods = false)
class OpenInferenceConfiguration {

    /// Each handler says it itself; what an inference request needs beyond, its operation says.
    @Bean
    ScopeResolver openInferencePermissions() {
        return (handler, pattern) -> {
            Needs needs =
                    handler instanceof HandlerMethod method
                            ? method.getMethodAnnotation(Needs.class)
                            : null;
            return needs == null ? null : needs.value();
        };
    }

    @Bean
    Models models(Layers layers) {
        return new Models(layers);
    }

    @Bean
    InferenceBodies inferenceBodies(BodyLimits limits) {
        return new InferenceBodies(limits);
    }

    @Bean
    Inferences inferences(Passes passes, Models models) {
        return new Inferences(passes, models);
    }

    @Bean
    ModelStatistics modelStatistics(InstantSource clock) {
        return new ModelStatistics(clock);
    }
}
