package batchnorm.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// What the container refuses before a controller sees it, as problems too.
@RestController
final class ContainerProblems implements ErrorController {

    @RequestMapping("${spring.web.error.path:${error.path:/error}}")
    void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        ProblemExceptionHandler.ofStatus(status instanceof Integer code ? code : 404, null)
                .send(request, response);
    }

    /// Takes the place of Tomcat's HTML error page.
    static final class Valve extends ErrorReportValve {
        @Override
        protected void report(Request request, Response response, @Nullable Throwable throwable) {
            // A request line that could not be read has no URI, at which later stations stumble.
            int status = request.getRequestURI() == null ? 400 : response.getStatus();
            if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
                return;
            }
            try {
                ProblemExceptionHandler.ofStatus(status, null).send(request, response);
            } catch (IOException e) {
                // The connection is gone: nobody reads an answer.
            }
        }
    }
}
