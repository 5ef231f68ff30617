package batchnorm.web.api;

import batchnorm.collective.Finished.Apply;
import batchnorm.collective.Finished.Policy;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The completion of an accumulation.
public record FinishRequest(Apply apply, @DefaultValue("pooled") Policy policy)
        implements ApiRequest {}
