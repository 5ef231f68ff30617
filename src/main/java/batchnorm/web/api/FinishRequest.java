package batchnorm.web.api;

import batchnorm.collective.Finished.Apply;

/// The end of an accumulation.
public record FinishRequest(Apply apply) implements ApiRequest {}
