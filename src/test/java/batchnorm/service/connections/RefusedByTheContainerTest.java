package batchnorm.service.connections;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests bytes that no HTTP client sends: requests rejected by the container get a problem, too.
@ExtendWith(ServiceUnderTest.Shared.class)
class RefusedByTheContainerTest {
    private static final Pattern ANSWER =
            Pattern.compile("HTTP/1.1 (\\d{3}).*?\r\n(.*?)\r\n\r\n(.*)", Pattern.DOTALL);

    private final Client client;

    RefusedByTheContainerTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a raw brace in the path       | 400 | GET /api/v1/layers/{x} HTTP/1.1\\r\\nHost: localhost\\r\\n",
                "a raw quote in the query      | 400 | GET /api/v1/layers?after=\" HTTP/1.1\\r\\nHost: localhost\\r\\n",
                "half a percent escape         | 400 | GET /api/v1/layers/%4 HTTP/1.1\\r\\nHost: localhost\\r\\n",
                "no Host                       | 400 | GET /api/v1/layers HTTP/1.1\\r\\n",
                "two Hosts                     | 400 | GET /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nHost: b\\r\\n",
                "a negative Content-Length     | 400 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: -1\\r\\n",
                "two Content-Lengths           | 400 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 1\\r\\nContent-Length: 2\\r\\n",
                "an unknown Transfer-Encoding  | 400 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: zip\\r\\n",
                "a body of a terabyte          | 413 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nContent-Length: 1099511627776\\r\\n",
                "a Content-Length in words     | 400 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: ten\\r\\n",
                "a Content-Length of 2^64      | 400 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 18446744073709551616\\r\\n",
                "a chunk of -1                 | 400 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n-1\\r\\n",
                "a chunk of 2^64               | 400 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n10000000000000000\\r\\n",
                "chunks that end early         | 400 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\n{\\r\\n",
                "chunked twice                 | 400 | POST /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: chunked, chunked\\r\\n",
                "a header without a colon      | 400 | GET /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\nX\\r\\n",
                "a blank before the colon      | 400 | GET /api/v1/layers HTTP/1.1\\r\\nHost : localhost\\r\\n",
                "a Host with a path            | 400 | GET /api/v1/layers HTTP/1.1\\r\\nHost: localhost/b\\r\\n",
                "an encoded slash in the path  | 400 | GET /api/v1/layers/a%2Fb HTTP/1.1\\r\\nHost: localhost\\r\\n",
                "an encoded NUL in the path    | 400 | GET /api/v1/layers/a%00b HTTP/1.1\\r\\nHost: localhost\\r\\n",
                "a path above the root         | 400 | GET /../../etc/passwd HTTP/1.1\\r\\nHost: localhost\\r\\n",
                "a method that nobody knows    | 405 | BREW /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\n",
                "a method that is no token      | 400 | G@T /api/v1/layers HTTP/1.1\\r\\nHost: localhost\\r\\n",
                "HTTP of the future            | 505 | GET /api/v1/layers HTTP/9.9\\r\\nHost: localhost\\r\\n",
            })
    void isAnsweredWithAProblem(String what, int status, String head) throws IOException {
        checkProblem(
                status, exchange(head.replace("\\r\\n", "\r\n") + "Connection: close\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"a request line of 100 kB, 100000, 10", "headers of 100 kB, 10, 100000"})
    void isTooLong(String what, int path, int header) throws IOException {
        String request =
                "GET /api/v1/layers/%s HTTP/1.1\r\nHost: localhost\r\nX: %s\r\nConnection: close\r\n\r\n"
                        .formatted("a".repeat(path), "b".repeat(header));
        checkProblem(0, exchange(request));
    }

    /// @param expected 0 for any 4xx
    private static void checkProblem(int expected, String response) {
        Matcher answer = ANSWER.matcher(response);
        assertThat(answer.matches()).as(response).isTrue();
        assertThat(answer.group(1)).matches(expected == 0 ? "4\\d\\d" : Integer.toString(expected));
        assertThat(answer.group(2)).containsIgnoringCase("Content-Type: application/problem+json");
        assertThat(answer.group(3))
                .contains("\"type\"", "\"title\"", "\"detail\"")
                .containsPattern("\"status\": ?" + answer.group(1))
                .doesNotContain("<html", "Exception", "Jetty");
    }

    private String exchange(String request) throws IOException {
        try (Socket socket = new Socket(client.root().getHost(), client.root().getPort())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput(); // otherwise the service waits for the announced body
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
