package batchnorm.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A backup while it is read. Its file takes room beside the store, so a reader has a bounded time:
/// after that every read fails, and the file is gone.
public final class BackupStream extends FilterInputStream {
    private final long length;

    /// Completes when the stream is closed, normally or by time.
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    /// @param file that is deleted when it is closed
    /// @param released runs once, when it is closed
    BackupStream(InputStream file, long length, Duration limit, Runnable released) {
        super(file);
        this.length = length;
        CompletableFuture<Void> _ =
                closed.completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                        .thenRun(this::closeFile)
                        .whenComplete((done, failed) -> released.run());
    }

    /// Of the whole backup, in bytes.
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
