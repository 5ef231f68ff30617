package batchnorm.web.api;

import batchnorm.checkpoint.Export;

/// The layers of an export, and its names and datatype.
///
/// @param names separated by commas; a trailing `*` matches any suffix
public record ExportLayersQuery(@Unwrapped ExportQuery options, String names)
        implements ApiRequest {

    public Export export() {
        return options.export();
    }
}
