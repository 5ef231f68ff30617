package batchnorm.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A stream of a backup. Its file occupies disk space, so reading has a time limit: afterwards
/// every read fails and the file is deleted.
public final class BackupStream extends FilterInputStream {
    private final long length;

    /// Completes when the stream is closed or times out.
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    /// @param file deleted on close
    /// @param released runs once, on close
    BackupStream(InputStream file, long length, Duration limit, Runnable released) {
        super(file);
        this.length = length;
        CompletableFuture<Void> _ =
                closed.completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                        .thenRun(this::closeFile)
                        .whenComplete((done, failed) -> released.run());
    }

    /// Returns the bytes of the whole backup.
    public long length() {
        return length;
    }

    private void closeFile() {
        try {
            in.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        closed.complete(null);
    }
}
