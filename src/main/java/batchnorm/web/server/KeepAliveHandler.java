package batchnorm.web.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// Bounds the connections that one client address holds open between requests, so that a client
/// cannot exhaust the service's connections. A request on an excess connection is served, and its
/// response closes the connection.
///
/// Also announces when an HTTP/1.0 connection closes. Jetty sends an HTTP/1.1 response, after which
/// the client would expect an open connection.
final class KeepAliveHandler extends Handler.Wrapper implements Connection.Listener {
    private final int limit;
    private final BooleanSupplier isDraining;

    /// The client addresses of open connections, because a closed connection has lost its address.
    private final Map<Connection, InetAddress> clients = new ConcurrentHashMap<>();

    private final Map<InetAddress, Integer> perClient = new ConcurrentHashMap<>();

    /// @param limit connections of one client address
    /// @param isDraining whether every response closes its connection
    KeepAliveHandler(int limit, BooleanSupplier isDraining) {
        this.limit = limit;
        this.isDraining = isDraining;
    }

    @Override
    public void onOpened(Connection connection) {
        InetAddress client = client(connection);
        if (client != null) {
            clients.put(connection, client);
            perClient.merge(client, 1, Integer::sum);
        }
    }

    @Override
    public void onClosed(Connection connection) {
        InetAddress client = clients.remove(connection);
        if (client != null) {
            perClient.computeIfPresent(
                    client, (_, count) -> count == 1 ? null : (Integer) (count - 1));
        }
    }

    /// Returns the client's address; null for the inner connection of TLS, which is already
    /// counted.
    private static @Nullable InetAddress client(Connection connection) {
        EndPoint endPoint = connection.getEndPoint();
        return endPoint instanceof SslConnection.SslEndPoint ? null : address(endPoint);
    }

    private static @Nullable InetAddress address(EndPoint endPoint) {
        return endPoint.getRemoteSocketAddress() instanceof InetSocketAddress address
                ? address.getAddress()
                : null;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        ConnectionMetaData connection = request.getConnectionMetaData();
        boolean isHttp10 = connection.getHttpVersion() == HttpVersion.HTTP_1_0;
        boolean closes =
                isHttp10
                        && !request.getHeaders()
                                .contains(
                                        HttpHeader.CONNECTION,
                                        HttpHeaderValue.KEEP_ALIVE.asString());
        if (closes || isDraining.getAsBoolean() || isBeyondLimit(connection.getConnection())) {
            response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
        }
        return super.handle(
                request, isHttp10 ? new Http10Response(request, response) : response, callback);
    }

    private boolean isBeyondLimit(Connection connection) {
        InetAddress client = address(connection.getEndPoint());
        return client != null && perClient.getOrDefault(client, 0) > limit;
    }

    /// Closes the connection after a response without a length.
    private static final class Http10Response extends Response.Wrapper {
        private Http10Response(Request request, Response response) {
            super(request, response);
        }

        @Override
        public void write(boolean last, ByteBuffer content, Callback callback) {
            if (!last && !isCommitted() && !getHeaders().contains(HttpHeader.CONTENT_LENGTH)) {
                getHeaders().put(HttpFields.CONNECTION_CLOSE);
            }
            super.write(last, content, callback);
        }
    }
}
