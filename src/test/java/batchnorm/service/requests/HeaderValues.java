package batchnorm.service.requests;

import batchnorm.fixtures.RandomSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Values for request headers, mostly malformed; deterministic for one random stream.
final class HeaderValues {
    /// Headers of the HTTP standards, of proxies, tracers and browsers, and of this service.
    static final List<String> NAMES =
            List.of(
                    "Accept",
                    "Accept-Charset",
                    "Accept-Encoding",
                    "Accept-Language",
                    "Access-Control-Request-Headers",
                    "Access-Control-Request-Method",
                    "Authorization",
                    "b3",
                    "baggage",
                    "Cache-Control",
                    "Connection",
                    "Content-Disposition",
                    "Content-Encoding",
                    "Content-Language",
                    "Content-Length",
                    "Content-Location",
                    "Content-Range",
                    "Content-Type",
                    "Cookie",
                    "Date",
                    "Early-Data",
                    "Expect",
                    "Forwarded",
                    "From",
                    "Host",
                    "HTTP2-Settings",
                    "Idempotency-Key",
                    "If-Match",
                    "If-Modified-Since",
                    "If-None-Match",
                    "If-Range",
                    "If-Unmodified-Since",
                    "Inference-Header-Content-Length",
                    "Keep-Alive",
                    "Last-Event-ID",
                    "Max-Forwards",
                    "Origin",
                    "Pragma",
                    "Prefer",
                    "Priority",
                    "Proxy-Authorization",
                    "Range",
                    "Referer",
                    "Sec-Fetch-Mode",
                    "Sec-Fetch-Site",
                    "Sec-WebSocket-Key",
                    "Sec-WebSocket-Version",
                    "TE",
                    "Tensor-Datatype",
                    "Tensor-Shape",
                    "traceparent",
                    "tracestate",
                    "Trailer",
                    "Transfer-Encoding",
                    "Upgrade",
                    "User-Agent",
                    "Via",
                    "X-B3-Flags",
                    "X-B3-Sampled",
                    "X-B3-SpanId",
                    "X-B3-TraceId",
                    "X-Forwarded-For",
                    "X-Forwarded-Host",
                    "X-Forwarded-Port",
                    "X-Forwarded-Prefix",
                    "X-Forwarded-Proto",
                    "X-Forwarded-Ssl",
                    "X-HTTP-Method-Override",
                    "X-Real-IP",
                    "X-Request-Id");

    private static final List<String> PIECES =
            List.of(
                    "",
                    " ",
                    "\t",
                    ",",
                    ";",
                    "=",
                    "\"",
                    "\\",
                    "*",
                    "*/*",
                    "/",
                    ":",
                    "[::1",
                    "[",
                    "]",
                    "{",
                    "%",
                    "%00",
                    "%zz",
                    "..",
                    "a/b",
                    "text/html",
                    "application/json",
                    "application/x-npy",
                    "application/openmetrics-text; version=9",
                    "multipart/form-data",
                    "multipart/form-data; boundary=",
                    "charset=x",
                    "charset=utf-16",
                    "q=0",
                    "q=2",
                    "q=NaN",
                    "en-US",
                    "x-y-z-1",
                    "host=\"[::1\"",
                    "for=\"",
                    "proto=javascript",
                    "bytes=0-",
                    "bytes=-0",
                    "bytes=9-1",
                    "bytes=0-0,1-1,2-",
                    "chunked",
                    "gzip",
                    "identity",
                    "100-continue",
                    "close",
                    "keep-alive",
                    "h2c",
                    "websocket",
                    "Bearer",
                    "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6InoifQ.e30.AA",
                    "Bearer eyJhbGciOiJub25lIn0.e30.",
                    "Basic Og==",
                    "Basic %",
                    "Digest username=\"",
                    "-1",
                    "0",
                    "1",
                    "65536",
                    "2147483648",
                    "18446744073709551616",
                    "1e9",
                    "0x10",
                    "NaN",
                    "Thu, 01 Jan 1970 00:00:00 GMT",
                    "Thu, 99 Foo 9999 99:99:99 GMT",
                    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                    "00-00000000000000000000000000000000-0000000000000000-ff",
                    "W/\"1\"",
                    "W/",
                    "$Version=1",
                    "http://[::1",
                    "http://a:b@c:99999/",
                    "null",
                    "true",
                    "\u00e9",
                    "\u00ff\u0080",
                    "2,2",
                    "FP32",
                    "GET",
                    "x".repeat(300));

    private final Random random;

    HeaderValues(long stream) {
        random = RandomSeed.random(stream);
    }

    /// Returns the values tried with every header: single pieces and overlong lists.
    static List<String> always() {
        List<String> values = new ArrayList<>(PIECES);
        for (String element : List.of("en-%d", "a/b%d", "\"%d\"", "%d", "k%d=v")) {
            for (String separator : List.of(",", ";")) {
                values.add(list(element, separator, 60));
            }
        }
        values.add("a/b;" + "c=\"" + "\\".repeat(100));
        values.add("(".repeat(200));
        values.add(" ".repeat(200) + "x");
        return values;
    }

    private static String list(String element, String separator, int length) {
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            elements.add(element.formatted(i));
        }
        return String.join(separator, elements);
    }

    String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    /// Returns up to eight pieces, or many copies of one.
    String value() {
        StringBuilder value = new StringBuilder();
        int pieces = random.nextInt(8);
        for (int i = 0; i <= pieces; i++) {
            value.append(PIECES.get(random.nextInt(PIECES.size())));
            value.append(List.of("", ",", ";", " ").get(random.nextInt(4)));
        }
        int times = random.nextInt(6) == 0 ? random.nextInt(60) : 1;
        String text = value.toString().repeat(times);
        return text.substring(0, Math.min(text.length(), 8_000));
    }

    int below(int bound) {
        return random.nextInt(bound);
    }
}
