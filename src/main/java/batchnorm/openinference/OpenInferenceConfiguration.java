package batchnorm.openinference;

import batchnorm.layer.Layers;
import batchnorm.layer.Passes;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The beans of this package.
@Configuration(proxyBeanMethods = false)
class OpenInferenceConfiguration {

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
