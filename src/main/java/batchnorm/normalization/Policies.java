package batchnorm.normalization;

import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.Knob.SingleValuePolicy;

/// The policies for training batches that many libraries reject.
public record Policies(SingleValuePolicy singleValue, NonFinitePolicy nonFinite) {}
