package batchnorm.web.api;

/// The fields of a request: of its body, or of its query where it has no body.
///
/// A component that is neither nullable nor has a default is required. A null in JSON is an absent
/// field, except in a [Change].
public interface ApiRequest {}
