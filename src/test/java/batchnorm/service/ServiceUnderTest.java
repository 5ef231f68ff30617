package batchnorm.service;

import batchnorm.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

/// The real application on a free port, with its own data directory.
///
/// As an extension it provides a [Client] of one service, started once for all tests.
public final class ServiceUnderTest implements AutoCloseable {
    private final Path data;
    private final ConfigurableApplicationContext application;
    private final Client client;

    /// @param settings `name=value`, beyond the port and the data directory
    public ServiceUnderTest(String... settings) throws IOException {
        this(Files.createTempDirectory("batchnorm-test"), settings);
    }

    /// Starts on a data directory, deleted on close.
    public static ServiceUnderTest in(Path data, String... settings) {
        return new ServiceUnderTest(data, settings);
    }

    private ServiceUnderTest(Path data, String... settings) {
        this.data = data;
        List<String> arguments = new ArrayList<>();
        arguments.add("--server.port=0");
        arguments.add("--BATCHNORM_DATA_DIR=" + data);
        arguments.add("--BATCHNORM_DRAIN=0");
        for (String setting : settings) {
            arguments.add("--" + setting);
        }
        application = SpringApplication.run(Main.class, arguments.toArray(String[]::new));
        client =
                new Client(
                        ((ServletWebServerApplicationContext) application)
                                .getWebServer()
                                .getPort());
    }

    public Client client() {
        return client;
    }

    public ConfigurableApplicationContext application() {
        return application;
    }

    @Override
    public void close() throws IOException {
        application.close();
        FileSystemUtils.deleteRecursively(data);
    }

    /// `@ExtendWith(ServiceUnderTest.Shared.class)`
    public static final class Shared implements ParameterResolver {
        private static final Namespace NAMESPACE = Namespace.create(ServiceUnderTest.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Client.class;
        }

        @Override
        public Client resolveParameter(ParameterContext parameter, ExtensionContext context) {
            // The root store closes it after the last test.
            return context.getRoot()
                    .getStore(NAMESPACE)
                    .computeIfAbsent("service", key -> new Start(), Start.class)
                    .client();
        }
    }

    /// A service, or its failure to start, which is not retried for every test.
    private static final class Start implements AutoCloseable {
        private final FutureTask<ServiceUnderTest> service =
                new FutureTask<>(ServiceUnderTest::new);

        private Start() {
            service.run();
        }

        Client client() {
            if (service.state() != Future.State.SUCCESS) {
                throw new IllegalStateException(
                        "the service did not start", service.exceptionNow());
            }
            return service.resultNow().client();
        }

        @Override
        public void close() throws IOException {
            if (service.state() == Future.State.SUCCESS) {
                service.resultNow().close();
            }
        }
    }
}
