package batchnorm.codec.onnx;

/// The place of one field of a message in the file.
///
/// @param number of the field
/// @param start the offset of its tag
/// @param content the offset behind its tag, and behind its length if it has one
/// @param end the offset behind the field
record Field(int number, int start, int content, int end) {

    int length() {
        return end - content;
    }
}
