package batchnorm.checkpoint;

import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A checkpoint from its first byte on, with the file that holds it if there is one.
final class ModelInput extends PushbackInputStream {
    private final @Nullable Path file;

    /// @param first the number of bytes that can be unread
    ModelInput(InputStream body, int first, @Nullable Path file) {
        super(body, first);
        this.file = file;
    }

    @Nullable Path file() {
        return file;
    }
}
