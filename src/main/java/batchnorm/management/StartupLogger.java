package batchnorm.management;

import batchnorm.kernel.Kernel;
import batchnorm.kernel.ScalarKernel;
import batchnorm.settings.StorageSettings;
import java.net.InetAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/// Logs the address and the storage of the service once after startup.
public final class StartupLogger {
    private static final Logger LOG = LoggerFactory.getLogger(StartupLogger.class);
    private final Kernel kernel;
    private final StorageSettings storage;
    private final boolean requiresCredentials;

    public StartupLogger(Kernel kernel, StorageSettings storage, boolean requiresCredentials) {
        this.kernel = kernel;
        this.storage = storage;
        this.requiresCredentials = requiresCredentials;
    }

    @EventListener
    void logReady(ApplicationReadyEvent event) {
        if (kernel instanceof ScalarKernel) {
            LOG.warn(
                    "the SIMD kernel is off: start java with --add-modules=jdk.incubator.vector for the speed it"
                            + " brings; results are the same");
        }
        LOG.info(
                "ready at {}, with its documentation at /swagger-ui.html; layers are kept in {}; an"
                        + " acknowledged step {}; {}",
                address(event),
                storage.place(),
                storage.isEmbedded()
                        ? "is flushed to the disk"
                        : "is committed by the database server, as durable as its synchronous_commit",
                requiresCredentials
                        ? "requests need credentials, except for the documentation and health"
                        : "requests need no credentials: every client that reaches this address may"
                                + " read, train and delete layers");
    }

    private static String address(ApplicationReadyEvent event) {
        Environment environment = event.getApplicationContext().getEnvironment();
        String host =
                environment.getProperty(
                        "server.address", InetAddress.getLoopbackAddress().getHostAddress());
        return event.getApplicationContext() instanceof WebServerApplicationContext web
                        && web.getWebServer() != null
                ? "http://" + host + ":" + web.getWebServer().getPort()
                : host;
    }
}
