package batchnorm.web.problem;

import batchnorm.web.security.SecurityHeadersFilter;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/// Responds with a problem to what Jetty refuses before a servlet runs, in place of an HTML page.
public final class ProblemErrorHandler extends ErrorHandler {
    /// Methods that some resource supports, in the response to one that none does.
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /// Jetty's own path for a request whose request line it cannot read.
    private static final String UNREADABLE = "/badMessage";

    private final Runnable http2;

    /// @param http2 runs for each connection that begins with HTTP/2, as gRPC clients open it
    public ProblemErrorHandler(Runnable http2) {
        this.http2 = http2;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (response.getStatus() == HttpStatus.UPGRADE_REQUIRED_426) {
            http2.run();
            // The client reads no HTTP/1.1.
            request.getConnectionMetaData().getConnection().getEndPoint().close();
            callback.succeeded();
            return true;
        }
        Problem problem =
                ProblemExceptionHandler.ofStatus(Math.max(400, response.getStatus()), null);
        String asked = Request.getPathInContext(request);
        String path = UNREADABLE.equals(asked) ? "/" : asked;
        response.setStatus(problem.status());
        SecurityHeadersFilter.HEADERS.forEach(response.getHeaders()::put);
        problem.headers(path).forEach(response.getHeaders()::put);
        if (problem.status() == HttpStatus.METHOD_NOT_ALLOWED_405) {
            response.getHeaders().put(HttpHeader.ALLOW, METHODS);
        }
        byte[] body = problem.encode(path);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }
}
