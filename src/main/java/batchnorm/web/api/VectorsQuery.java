package batchnorm.web.api;

import batchnorm.golden.GoldenVectors;
import batchnorm.normalization.Convention;
import batchnorm.tensor.DataType;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The choice of golden vectors.
///
/// @param format of the response; null if `Accept` decides it
public record VectorsQuery(
        Convention convention,
        @DefaultValue("FP64") ExportQuery.Width datatype,
        @Nullable ArchiveFormat format)
        implements ApiRequest {

    /// The formats of vectors.
    public enum ArchiveFormat {
        JSON,
        NPZ
    }

    public GoldenVectors vectors() {
        return GoldenVectors.of(convention, DataType.valueOf(datatype.name()));
    }
}
