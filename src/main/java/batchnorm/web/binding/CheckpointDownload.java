package batchnorm.web.binding;

import batchnorm.checkpoint.Export;

/// A response body of tensors under a framework's names, for the client to save as a file.
///
/// @param name of the file, without its extension
public record CheckpointDownload(String name, Export export) {}
