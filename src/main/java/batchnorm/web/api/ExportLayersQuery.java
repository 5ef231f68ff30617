package batchnorm.web.api;

import batchnorm.checkpoint.Export;

/// The layers of an export, and its names and datatype.
///
/// @param names separated by commas; one that ends in `*` stands for all that begin so
public record ExportLayersQuery(@Unwrapped ExportQuery options, String names)
        implements ApiRequest {

    public Export export() {
        return options.export();
    }
}
