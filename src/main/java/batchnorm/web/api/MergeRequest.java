package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.normalization.InvalidMoments;
import batchnorm.normalization.Moments;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.ArrayList;
import java.util.List;

/// The moments of several parts to merge.
public record MergeRequest(List<Part> parts) implements ApiRequest {

    @Schema(name = "Moments")
    public record Part(
            @PositiveOrZero @Max(Moments.MAX_COUNT) long count, double[] mean, double[] m2) {}

    /// @throws InvalidField when there are no parts
    public MergeRequest {
        if (parts.isEmpty()) {
            throw new InvalidField("parts", "\"parts\" is empty; one or more are needed");
        }
    }

    /// @throws InvalidMoments with the path of the invalid part
    public Moments merged() {
        List<Moments> moments = new ArrayList<>();
        for (Part part : parts) {
            try {
                moments.add(Moments.of(part.count(), part.mean(), part.m2()));
            } catch (InvalidMoments e) {
                throw e.at("parts[" + moments.size() + "]");
            }
        }
        return Moments.merge(moments);
    }
}
