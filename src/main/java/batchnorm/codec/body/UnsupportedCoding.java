package batchnorm.codec.body;

/// An unsupported `Content-Encoding`.
public final class UnsupportedCoding extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnsupportedCoding() {
        super("a body's Content-Encoding may be gzip, deflate or identity");
    }
}
