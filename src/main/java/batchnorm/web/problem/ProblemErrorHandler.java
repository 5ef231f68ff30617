package batchnorm.web.problem;

import batchnorm.access.RequestId;
import batchnorm.web.security.SecurityHeadersFilter;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/// Responds with a problem instead of an HTML page when Jetty rejects a request before a servlet
/// runs.
public final class ProblemErrorHandler extends ErrorHandler {
    /// The `Allow` header of requests with an unsupported method.
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /// Jetty's path for a request with an unreadable request line.
    private static final String UNREADABLE = "/badMessage";

    private final Runnable http2;

    /// @param http2 runs for each connection that starts with HTTP/2, as those of gRPC clients do
    public ProblemErrorHandler(Runnable http2) {
        this.http2 = http2;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (response.getStatus() == HttpStatus.UPGRADE_REQUIRED_426) {
            http2.run();
            // The client cannot read HTTP/1.1.
            request.getConnectionMetaData().getConnection().getEndPoint().close();
            callback.succeeded();
            return true;
        }
        String id = RequestId.from(request.getHeaders().get(RequestId.HEADER));
        Problem problem =
                ProblemExceptionHandler.ofStatus(Math.max(400, response.getStatus()), null)
                        .with(RequestId.MEMBER, id);
        String requested = Request.getPathInContext(request);
        String path = UNREADABLE.equals(requested) ? "/" : requested;
        response.setStatus(problem.status());
        response.getHeaders().put(RequestId.HEADER, id);
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
