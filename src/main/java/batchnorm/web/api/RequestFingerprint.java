package batchnorm.web.api;

/// A digest of all that a request computes with: two requests with the same one are the same.
public record RequestFingerprint(String value) {}
