package batchnorm.codec;

/// How a tensor is written in JSON.
public enum TensorForm {
    /// `{"shape": [2, 3], "datatype": "FP32", "data": [1, 2, 3, 4, 5, 6]}`
    FLAT,
    /// `{"shape": [2, 3], "datatype": "FP32", "data": [[1, 2, 3], [4, 5, 6]]}`
    NESTED,
    /// `{"shape": [2, 3], "datatype": "FP32", "base64": "…"}`, little-endian
    BASE64,
    /// `[[1, 2, 3], [4, 5, 6]]`, always FP64
    BARE,
    /// `[1, 2, 3, 4, 5, 6]`: shape and datatype stand in fields beside it
    ELEMENTS
}
