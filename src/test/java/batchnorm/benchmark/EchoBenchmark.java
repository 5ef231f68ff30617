package batchnorm.benchmark;

import batchnorm.Main;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.util.FileSystemUtils;
import org.springframework.web.HttpRequestHandler;

/// Microseconds per request of raw FP32 numbers: inference, compared with an echo of the same bytes
/// through the same server, the lower bound for any response. The echo exists only here.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EchoBenchmark {
    private static final int FEATURES = 64;

    @Param({"16384", "1048576"})
    int elements = 1 << 20;

    private byte[] body = {};
    private Path data = Path.of("");
    private ConfigurableApplicationContext service = new GenericApplicationContext();
    private Socket socket = new Socket();
    private InputStream answers = InputStream.nullInputStream();

    @Setup
    public void start() throws IOException {
        data = Files.createTempDirectory("batchnorm-benchmark");
        SpringApplication application = new SpringApplication(Main.class);
        application.addInitializers(context ->
                ((GenericApplicationContext) context)
                        .registerBean(
                                "/echo", HttpRequestHandler.class, () -> EchoBenchmark::echo));
        service = application.run("--server.port=0", "--BATCHNORM_DATA_DIR=" + data);
        int port = ((ServletWebServerApplicationContext) service).getWebServer().getPort();
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        answers = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        byte[] layer = "{\"name\":\"echo\",\"features\":64}".getBytes(StandardCharsets.US_ASCII);
        post("/api/v1/layers", "application/json", layer);
        body = new byte[Float.BYTES * elements];
        if (!Arrays.equals(echo(), body) || infer().length != body.length) {
            throw new IllegalStateException("a response is wrong");
        }
    }

    private static void echo(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        byte[] bytes = request.getInputStream().readAllBytes();
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }

    @Benchmark
    public byte[] echo() throws IOException {
        return post("/echo", "application/octet-stream", body);
    }

    @Benchmark
    public byte[] infer() throws IOException {
        return post("/api/v1/layers/echo/forward-infer", "application/octet-stream", body);
    }

    private byte[] post(String path, String mediaType, byte[] content) throws IOException {
        String head =
                "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
                        .formatted(path, mediaType, content.length);
        String shape =
                "Tensor-Shape: %d,%d\r\nTensor-Datatype: FP32\r\n\r\n"
                        .formatted(elements / FEATURES, FEATURES);
        socket.getOutputStream().write((head + shape).getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(content);
        String status = line();
        int length = 0;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.regionMatches(true, 0, "Content-Length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        byte[] answer = answers.readNBytes(length);
        if (!status.contains(" 20")) {
            throw new IOException(status + new String(answer, StandardCharsets.UTF_8));
        }
        return answer;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = answers.read(); next != '\n'; next = answers.read()) {
            if (next < 0) {
                throw new IOException("the connection was closed");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    @TearDown
    public void stop() throws IOException {
        socket.close();
        service.close();
        FileSystemUtils.deleteRecursively(data);
    }
}
