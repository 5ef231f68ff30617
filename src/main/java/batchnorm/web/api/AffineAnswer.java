package batchnorm.web.api;

import batchnorm.layer.Layer;
import batchnorm.normalization.Affine;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;

/// A layer's inference as one map per channel, `y = scale·x + shift`.
@Schema(name = "Affine")
public record AffineAnswer(double[] scale, double[] shift, @Positive long version)
        implements ApiAnswer {

    public static AffineAnswer of(Layer layer) {
        Affine affine = layer.affine();
        return new AffineAnswer(affine.scale(), affine.shift(), layer.version());
    }
}
