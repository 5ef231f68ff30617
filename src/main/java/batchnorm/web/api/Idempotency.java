package batchnorm.web.api;

import org.jspecify.annotations.Nullable;

/// Identifies a request that a client may retry.
///
/// @param key the caller's `Idempotency-Key`, as it is recorded; null without one
/// @param fingerprint a digest of all that the request computes with; null without a key
public record Idempotency(@Nullable String key, @Nullable String fingerprint) {}
