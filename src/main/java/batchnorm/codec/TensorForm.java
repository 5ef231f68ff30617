package batchnorm.codec;

/// The JSON forms of a tensor.
public enum TensorForm {
    /// `{"shape": [2, 3], "datatype": "FP32", "data": [1, 2, 3, 4, 5, 6]}`
    FLAT,
    /// `{"shape": [2, 3], "datatype": "FP32", "data": [[1, 2, 3], [4, 5, 6]]}`
    NESTED,
    /// `{"shape": [2, 3], "datatype": "FP32", "base64": "…"}`, little-endian
    BASE64,
    /// `[[1, 2, 3], [4, 5, 6]]`, always FP64
    BARE,
    /// `[1, 2, 3, 4, 5, 6]`, with shape and datatype in separate fields
    ELEMENTS
}
