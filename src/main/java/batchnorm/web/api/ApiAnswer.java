package batchnorm.web.api;

/// The fields of a successful response.
///
/// Every component is always present, as null where it has no value, unless it is marked with
/// [OmitWhenNull].
public interface ApiAnswer {}
