package batchnorm.web.api;

/// A digest of all inputs of a request. Equal digests identify the same request.
public record RequestFingerprint(String value) {}
