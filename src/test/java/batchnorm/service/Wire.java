package batchnorm.service;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// A connection with full control over the bytes, for requests of specific clients.
public record Wire(Client client) {

    /// The first line and headers of a request; `Host` and `Connection` are added.
    ///
    /// @param head lines that end in `\n`
    public Reply send(String head, byte[]... body) throws IOException {
        String[] lines = head.strip().split("\n", 2);
        String rest = lines.length > 1 ? lines[1].replace("\n", "\r\n") + "\r\n" : "";
        String text = lines[0] + "\r\nHost: localhost\r\n" + rest + "Connection: close\r\n\r\n";
        try (Socket socket = new Socket(client.root().getHost(), client.root().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(join(text.getBytes(StandardCharsets.ISO_8859_1), join(body)));
            socket.getOutputStream().flush();
            socket.shutdownOutput();
            return checked(lines[0], Reply.parse(socket.getInputStream().readAllBytes()));
        }
    }

    /// Sends a request and returns a reply whose JSON conforms to the contract.
    ///
    /// @param requestLine method, target and version, if any
    private static Reply checked(String requestLine, Reply reply) {
        String[] words = requestLine.split(" ");
        boolean binary = !reply.header("Inference-Header-Content-Length").isEmpty();
        if (words.length > 1) {
            Contract.check(
                    words[0],
                    words[1],
                    reply.status(),
                    binary ? "application/json" : reply.header("Content-Type"),
                    Arrays.copyOf(reply.body(), reply.jsonLength()));
        }
        return reply;
    }

    /// Sends these bytes by POST, with their length and these headers only.
    public Reply post(String path, byte[] body, String... headerLines) throws IOException {
        String headers = headerLines.length == 0 ? "" : String.join("\n", headerLines) + "\n";
        return send(
                "POST " + path + " HTTP/1.1\nContent-Length: " + body.length + "\n" + headers,
                body);
    }

    /// Sends JSON followed by bytes.
    public Reply infer(String model, String json, byte[]... binary) throws IOException {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        return post(
                "/v2/models/" + model + "/infer",
                join(header, join(binary)),
                "Inference-Header-Content-Length: " + header.length);
    }

    /// Sends JSON only.
    public Reply inferJson(String model, String json) throws IOException {
        return post("/v2/models/" + model + "/infer", json.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    public static byte[] floats(double... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(value -> bytes.putFloat((float) value));
        return bytes.array();
    }

    public static byte[] doubles(double... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(bytes::putDouble);
        return bytes.array();
    }

    /// A response.
    ///
    /// @param headers by name in lower case
    public record Reply(int status, Map<String, String> headers, byte[] body) {

        public static Reply parse(byte[] bytes) {
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end < 0) {
                throw new UncheckedIOException(new IOException("no answer: " + text));
            }
            String[] lines = text.substring(0, end).split("\r\n");
            Map<String, String> headers = new TreeMap<>();
            for (String line : Arrays.copyOfRange(lines, 1, lines.length)) {
                String[] parts = line.split(": ?", 2);
                headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
            }
            byte[] body = Arrays.copyOfRange(bytes, end + 4, bytes.length);
            boolean chunked = "chunked".equals(headers.get("transfer-encoding"));
            return new Reply(
                    Integer.parseInt(lines[0].split(" ")[1]),
                    headers,
                    chunked ? unchunk(body) : body);
        }

        private static byte[] unchunk(byte[] body) {
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            for (int at = 0; ; ) {
                int line = at;
                while (body[line] != '\r') {
                    line++;
                }
                int size =
                        Integer.parseInt(
                                new String(body, at, line - at, StandardCharsets.US_ASCII), 16);
                if (size == 0) {
                    return plain.toByteArray();
                }
                plain.write(body, line + 2, size);
                at = line + 2 + size + 2;
            }
        }

        public Reply expect(int expected) {
            if (status != expected) {
                throw new AssertionError(
                        "expected " + expected + ", got " + status + ": " + text());
            }
            return this;
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }

        /// Returns the JSON: the whole body, or the length in its header.
        public JsonNode json() {
            return Answer.JSON.readTree(Arrays.copyOf(body, jsonLength()));
        }

        private int jsonLength() {
            String length = header("Inference-Header-Content-Length");
            return length.isEmpty() ? body.length : Integer.parseInt(length);
        }

        public String error() {
            return json().required("error").stringValue();
        }

        public JsonNode parameter(String name) {
            return json().required("parameters").required(name);
        }

        public JsonNode output(String name) {
            return json().required("outputs")
                    .valueStream()
                    .filter(output -> output.get("name").stringValue().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no output " + name + ": " + text()));
        }

        /// Returns the numbers of an output in either form.
        public double[] numbers(String name) {
            JsonNode entry = output(name);
            if (entry.has("data")) {
                double[] numbers = Answer.numbers(entry.get("data"));
                // Shortest decimals of a float identify a float, not a double.
                boolean wide = entry.get("datatype").stringValue().equals("FP64");
                return Arrays.stream(numbers).map(x -> wide ? x : (double) (float) x).toArray();
            }
            int at = jsonLength();
            for (JsonNode output : json().get("outputs")) {
                int size = output.at("/parameters/binary_data_size").asInt(0);
                if (output.get("name").stringValue().equals(name)) {
                    return decode(output.get("datatype").stringValue(), at, size);
                }
                at += size;
            }
            throw new AssertionError("no bytes of " + name);
        }

        private double[] decode(String datatype, int at, int size) {
            ByteBuffer bytes = ByteBuffer.wrap(body, at, size).order(ByteOrder.LITTLE_ENDIAN);
            int width =
                    switch (datatype) {
                        case "FP64" -> 8;
                        case "FP32" -> 4;
                        default -> 2;
                    };
            double[] values = new double[size / width];
            for (int i = 0; i < values.length; i++) {
                values[i] =
                        switch (datatype) {
                            case "FP64" -> bytes.getDouble();
                            case "FP32" -> bytes.getFloat();
                            case "FP16" -> Float.float16ToFloat(bytes.getShort());
                            default -> Float.intBitsToFloat(bytes.getShort() << 16);
                        };
            }
            return values;
        }
    }
}
