package batchnorm.codec;

/// Bytes that are not one JSON object (RFC 8259), or nest too deeply.
public final class MalformedJson extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final long offset;

    /// @param offset of the byte where the reader stopped, counted from 0
    public MalformedJson(long offset, String message) {
        super(message);
        this.offset = offset;
    }

    public long offset() {
        return offset;
    }
}
