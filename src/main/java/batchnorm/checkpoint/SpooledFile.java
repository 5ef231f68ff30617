package batchnorm.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A body on disk, for formats that are not read front to back: a temporary copy, or the file that
/// the body is read from.
///
/// @param path a copy is readable by the owner alone
record SpooledFile(Path path, boolean isCopy) implements AutoCloseable {

    /// Copies a body, which is bounded by its reader, unless it is a file.
    static SpooledFile of(InputStream body) throws IOException {
        if (body instanceof ModelInput model && model.file() != null) {
            return new SpooledFile(model.file(), false);
        }
        SpooledFile file = new SpooledFile(Files.createTempFile("batchnorm-", ".model"), true);
        try {
            Files.copy(body, file.path(), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
        return file;
    }

    /// Deletes the copy.
    @Override
    public void close() throws IOException {
        if (isCopy) {
            Files.deleteIfExists(path);
        }
    }
}
