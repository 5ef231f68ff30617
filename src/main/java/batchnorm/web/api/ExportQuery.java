package batchnorm.web.api;

import batchnorm.checkpoint.Export;
import batchnorm.checkpoint.Framework;
import batchnorm.tensor.DataType;
import jakarta.validation.constraints.Size;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The names and datatype of an export.
///
/// @param prefix of every tensor's name
/// @param exact whether to reject an export that requires rounding
public record ExportQuery(
        Framework framework,
        @Size(max = ExportQuery.MAX_PREFIX) @DefaultValue("") String prefix,
        @DefaultValue("FP32") Width datatype,
        @DefaultValue("false") boolean exact)
        implements ApiRequest {
    /// Bounds the prefix, because an export repeats it for every tensor of up to 1000 layers.
    static final int MAX_PREFIX = 256;

    /// The datatypes of an exported vector.
    public enum Width {
        FP32,
        FP64;

        public String word() {
            return name();
        }
    }

    /// Returns an empty export.
    public Export export() {
        return new Export(framework, prefix, DataType.valueOf(datatype.name()), exact);
    }
}
