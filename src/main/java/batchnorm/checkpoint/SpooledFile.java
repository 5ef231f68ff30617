package batchnorm.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A temporary copy of a body on disk, for formats that are not read front to back.
///
/// @param path readable by the owner alone
record SpooledFile(Path path) implements AutoCloseable {

    /// Copies a body, which is bounded by its reader.
    static SpooledFile of(InputStream body) throws IOException {
        SpooledFile file = new SpooledFile(Files.createTempFile("batchnorm-", ".model"));
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
        Files.deleteIfExists(path);
    }
}
