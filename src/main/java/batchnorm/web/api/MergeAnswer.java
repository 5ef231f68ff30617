package batchnorm.web.api;

import batchnorm.normalization.Moments;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;

/// The merged moments.
public record MergeAnswer(
        @PositiveOrZero @Max(Moments.MAX_COUNT) long count,
        double[] mean,
        double[] m2,
        double[] var)
        implements ApiAnswer {

    public static MergeAnswer of(Moments moments) {
        return new MergeAnswer(moments.count(), moments.mean(), moments.m2(), moments.variance());
    }
}
