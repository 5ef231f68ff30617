package batchnorm.web.server;

import batchnorm.admission.RequestExecutor;
import batchnorm.admission.RequestLimits;
import batchnorm.web.problem.ProblemErrorHandler;
import batchnorm.web.telemetry.ServiceMetrics;
import java.util.stream.Stream;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HostHeaderCustomizer;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/// Configures Jetty's threads, buffers, connection limits and errors.
@Configuration(proxyBeanMethods = false)
class JettyConfiguration {
    /// Bytes of one system call: half a tensor of 64×256 in JSON, and within a core's cache.
    private static final int BUFFER_BYTES = 1 << 17;

    /// Bytes that a response aggregates before writing. Larger writes are not aggregated.
    private static final int AGGREGATED_BYTES = 1 << 16;

    /// Bytes of pooled idle buffers: 64 connections that read and write at the same time.
    private static final long POOLED_BYTES = 128L * BUFFER_BYTES;

    /// Allows an encoded percent sign in a path, because a client of the inference protocol encodes
    /// names twice.
    private static final UriCompliance ENCODED_TWICE =
            UriCompliance.DEFAULT.with(
                    "encoded twice", UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING);

    @Bean
    @Order
    WebServerFactoryCustomizer<JettyServletWebServerFactory> jetty(
            RequestLimits limits,
            RequestExecutor executor,
            DrainLifecycle drain,
            ObjectProvider<ServiceMetrics> metrics) {
        return factory ->
                customize(
                        factory, limits, executor, drain, () -> metrics.getObject().http2Refused());
    }

    static void customize(
            JettyServletWebServerFactory factory,
            RequestLimits limits,
            RequestExecutor executor,
            DrainLifecycle drain,
            Runnable http2) {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setVirtualThreadsExecutor(executor);
        factory.setThreadPool(threads);
        int connections = Math.min(factory.getMaxConnections(), RequestLimits.connections());
        factory.setMaxConnections(-1); // would limit connectors that are replaced below
        factory.addServerCustomizers(server -> {
            KeepAliveHandler keepAlive =
                    new KeepAliveHandler(
                            limits.connectionsOfClient(connections), drain::isDraining);
            HeaderDeadline deadline = new HeaderDeadline(limits.bodyGrace());
            server.setErrorHandler(new ProblemErrorHandler(http2));
            server.setConnectors(
                    Stream.of(server.getConnectors())
                            .map(connector -> bounded(server, (ServerConnector) connector, limits))
                            .toArray(Connector[]::new));
            server.addBean(new NetworkConnectionLimit(connections, server.getConnectors()));
            for (Connector connector : server.getConnectors()) {
                connector.addBean(keepAlive, false);
                connector.addBean(deadline, false);
            }
            server.getDescendants(ServletContextHandler.class)
                    .forEach(context -> context.getServletHandler().setDecodeAmbiguousURIs(true));
            server.insertHandler(deadline);
            server.insertHandler(keepAlive);
        });
    }

    /// Returns the connector with a bounded buffer pool, which only the constructor accepts.
    private static ServerConnector bounded(
            Server server, ServerConnector connector, RequestLimits limits) {
        ArrayByteBufferPool buffers =
                new ArrayByteBufferPool(
                        -1, -1, BUFFER_BYTES, Integer.MAX_VALUE, POOLED_BYTES, POOLED_BYTES);
        ServerConnector bounded =
                new ServerConnector(
                        server,
                        null,
                        null,
                        buffers,
                        1, // several acceptors would accept and then close excess connections
                        connector.getSelectorManager().getSelectorCount(),
                        connector.getConnectionFactories().toArray(ConnectionFactory[]::new));
        bounded.setHost(connector.getHost());
        bounded.setPort(connector.getPort());
        bounded.setIdleTimeout(connector.getIdleTimeout());
        HttpConnectionFactory http = bounded.getConnectionFactory(HttpConnectionFactory.class);
        customize(http.getHttpConfiguration());
        http.getHttpConfiguration().setIdleTimeout(limits.silenceTimeout().toMillis());
        return bounded;
    }

    private static void customize(HttpConfiguration http) {
        http.addCustomizer(JettyConfiguration::rejectTrace);
        http.addCustomizer(new HostHeaderCustomizer()); // for an absolute target in HTTP/1.0
        http.setUriCompliance(ENCODED_TWICE);
        http.setInputBufferSize(BUFFER_BYTES);
        http.setOutputBufferSize(BUFFER_BYTES);
        http.setOutputAggregationSize(AGGREGATED_BYTES);
    }

    /// Rejects TRACE, because a servlet would echo the headers of the request.
    private static Request rejectTrace(Request request, HttpFields.Mutable headers) {
        if (HttpMethod.TRACE.is(request.getMethod())) {
            throw new HttpException.RuntimeException(HttpStatus.METHOD_NOT_ALLOWED_405);
        }
        return request;
    }
}
