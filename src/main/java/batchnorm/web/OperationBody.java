package batchnorm.web;

import java.util.List;

/// What kind of body an operation reads or answers.
enum OperationBody {
    NONE,
    /// None: the fields are parameters of the query.
    QUERY,
    JSON,
    /// JSON, also under the name of RFC 7396.
    MERGE_PATCH,
    /// JSON or one of the binary media types.
    TENSORS,
    /// A file of tensors by the names of a framework.
    CHECKPOINT;

    /// The formats it comes in, the preferred one first.
    List<Format> formats() {
        return switch (this) {
            case NONE, QUERY -> List.of();
            case JSON, MERGE_PATCH -> List.of(Format.JSON);
            case TENSORS -> List.of(Format.values());
            case CHECKPOINT -> List.of(Format.SAFETENSORS, Format.NPZ);
        };
    }
}
