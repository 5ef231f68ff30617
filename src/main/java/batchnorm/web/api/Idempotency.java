package batchnorm.web.api;

import org.jspecify.annotations.Nullable;

/// The identity of a request that a client may retry.
///
/// @param key the recorded form of the caller's `Idempotency-Key`; null if absent
/// @param fingerprint a digest of all inputs of the computation; null without a key
public record Idempotency(@Nullable String key, @Nullable String fingerprint) {}
