package batchnorm.web.api;

import batchnorm.collective.Finished.Apply;

/// The completion of an accumulation.
public record FinishRequest(Apply apply) implements ApiRequest {}
