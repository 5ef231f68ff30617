package batchnorm.openinference;

import batchnorm.codec.Codec;

/// How much one inference request may ask.
///
/// @param bytes of a body, as it comes and inflated
/// @param inflation how many times its size a body may inflate to
/// @param codec what it may hold
public record BodyLimits(long bytes, int inflation, Codec.Limits codec) {}
