package batchnorm.web.server;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// Closes connections whose request headers do not arrive in time. Jetty's idle timeout bounds only
/// the silence between two bytes. A client that sends occasional bytes would hold its connection
/// forever.
///
/// A periodic inspection compares the bytes received on a connection with those of its handled
/// requests. A surplus belongs to incomplete headers.
final class HeaderDeadline extends Handler.Wrapper implements Connection.Listener {
    private static final long PERIOD_MILLIS = 500;

    private final long graceNanos;
    private final Map<Connection, Progress> open = new ConcurrentHashMap<>();

    /// @param grace from the first byte of a request or the start of its connection to the last
    ///   byte of its headers, accurate to two inspections
    HeaderDeadline(Duration grace) {
        this.graceNanos = grace.toNanos();
    }

    @Override
    public void onOpened(Connection connection) {
        if (!(connection instanceof SslConnection)) { // wraps another connection
            open.put(connection, new Progress());
        }
    }

    @Override
    public void onClosed(Connection connection) {
        open.remove(connection);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Connection connection = request.getConnectionMetaData().getConnection();
        Progress progress = open.get(connection);
        if (progress != null) {
            progress.begin();
            Request.addCompletionListener(request, _ -> progress.end(connection.getBytesIn()));
        }
        return super.handle(request, response, callback);
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        scheduleInspection();
    }

    private void scheduleInspection() {
        getServer().getScheduler().schedule(this::inspect, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void inspect() {
        if (!isRunning()) {
            return;
        }
        long now = System.nanoTime();
        open.forEach((connection, progress) -> {
            if (progress.waitedNanos(connection.getBytesIn(), now) > graceNanos) {
                connection.getEndPoint().close();
            }
        });
        scheduleInspection();
    }

    /// The bytes received on a connection, and how long its headers have been incomplete.
    private static final class Progress {
        /// Before the first request.
        private static final long NONE = -1;

        /// During a request.
        private static final long BUSY = -2;

        /// Bytes up to the end of the last request.
        private long handledBytes = NONE;

        private long since = System.nanoTime();

        private synchronized void begin() {
            handledBytes = BUSY;
        }

        private synchronized void end(long bytes) {
            handledBytes = bytes;
        }

        /// Returns the nanoseconds since headers were first seen incomplete, or since the
        /// connection opened.
        private synchronized long waitedNanos(long bytes, long now) {
            if (handledBytes == BUSY || handledBytes == bytes) {
                since = now;
            }
            return now - since;
        }
    }
}
