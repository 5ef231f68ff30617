package batchnorm.web.api;

import batchnorm.codec.Message;

/// A response that is JSON, or an archive of arrays by name (npz).
///
/// The query parameter `format` names one of the two; without it, the `Accept` header decides.
public interface ArchivedAnswer extends ApiAnswer {
    /// Returns its arrays, numbers and texts under the names that they have in the archive.
    Message archive();
}
