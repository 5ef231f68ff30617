package batchnorm.golden;

import java.util.List;

/// Consecutive batches of one layer.
///
/// @param about what it tests, in a sentence
/// @param condition the nominal |mean|/std of its batches
/// @param binary64 the tolerance with statistics in binary64
/// @param working the tolerance with all arithmetic in the datatype
public record GoldenCase(
        String name,
        String about,
        double condition,
        double[] gamma,
        double[] beta,
        Tolerance binary64,
        Tolerance working,
        List<GoldenStep> steps) {}
