package batchnorm.web;

import java.io.IOException;
import java.time.Duration;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;

/// Tomcat's HTTP/1.1, but that headers have to come in time, and that connections are
/// [EagerChannel]. Tomcat itself bounds the silence between two bytes only: whoever sends one now
/// and then would keep a connection for ever.
///
/// Public, and made by its name, because Tomcat makes it.
public final class PunctualHttp extends Http11NioProtocol {
    private volatile long graceNanos = Long.MAX_VALUE;
    private volatile Runnable http2 = () -> {};

    public PunctualHttp() {
        super(new Endpoint());
    }

    /// @param grace from the first byte of a request to the last one of its headers
    void allow(Duration grace) {
        graceNanos = grace.toNanos();
    }

    /// @param seen runs for each connection that begins with HTTP/2
    void onHttp2(Runnable seen) {
        http2 = seen;
    }

    /// The response to `OPTIONS *` is written before any filter runs.
    @Override
    public void setAdapter(Adapter adapter) {
        super.setAdapter(new ServerOptions(adapter));
    }

    @Override
    protected Processor createProcessor() {
        return new Punctual();
    }

    private final class Punctual extends Http11Processor {
        private Punctual() {
            super(PunctualHttp.this, PunctualHttp.this.getAdapter());
        }

        /// Comes whenever there are bytes to read: a request that has begun, then, is one whose
        /// headers were not complete the time before.
        @Override
        public SocketState service(SocketWrapperBase<?> socket) throws IOException {
            long begun = request.getStartTimeNanos();
            if (begun >= 0 && System.nanoTime() - begun > graceNanos) {
                return SocketState.CLOSED;
            }
            if (!(socket.getSocket() instanceof EagerChannel channel)) {
                return withoutUpgrade(super.service(socket));
            }
            channel.begin();
            SocketState state = withoutUpgrade(super.service(socket));
            channel.rest();
            return state;
        }

        /// No protocol can be upgraded to, so this state means the preface of HTTP/2, as gRPC
        /// clients send it. The connection ends here: Tomcat would put the preface back into a
        /// buffer, which an [EagerChannel] does not have.
        private SocketState withoutUpgrade(SocketState state) {
            if (state != SocketState.UPGRADING) {
                return state;
            }
            http2.run();
            return SocketState.CLOSED;
        }
    }

    /// Connections have no buffers of their own, but for TLS.
    private static final class Endpoint extends NioEndpoint {
        private final SocketMemory memory = new SocketMemory();

        @Override
        protected NioChannel createChannel(SocketBufferHandler buffers) {
            return isSSLEnabled()
                    ? super.createChannel(buffers)
                    : new EagerChannel(memory, this::requestsWait);
        }

        private boolean requestsWait() {
            return getExecutor() instanceof RequestExecutor arrivals && arrivals.unheard() > 0;
        }
    }
}
