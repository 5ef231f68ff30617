package batchnorm.normalization;

import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.Knob.SingleValuePolicy;

/// What becomes of training batches that many libraries reject.
public record Policies(SingleValuePolicy singleValue, NonFinitePolicy nonFinite) {}
