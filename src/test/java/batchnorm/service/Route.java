package batchnorm.service;

import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.function.support.RouterFunctionMapping;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/// A route of the service: a method and the path pattern of a handler mapping.
public record Route(String method, String pattern) implements Comparable<Route> {
    private static final Path LISTED = Path.of("src/test/resources/routes.tsv");

    /// Returns every route of every handler mapping, regardless of its library.
    public static Set<Route> registered(WebApplicationContext application) {
        Set<Route> routes = new TreeSet<>();
        application
                .getBeansOfType(HandlerMapping.class)
                .values()
                .forEach(mapping -> of(mapping).forEach(routes::add));
        ServletContext container = application.getServletContext();
        container
                .getServletRegistrations()
                .forEach((name, servlet) ->
                        servlet.getMappings().stream()
                                .filter(path -> !name.equals("dispatcherServlet"))
                                .map(path -> new Route("SERVLET", path))
                                .forEach(routes::add));
        return routes;
    }

    private static Stream<Route> of(HandlerMapping mapping) {
        return switch (mapping) {
            case RequestMappingInfoHandlerMapping methods ->
                    methods.getHandlerMethods().keySet().stream().flatMap(Route::of);
            case AbstractUrlHandlerMapping urls ->
                    urls.getHandlerMap().keySet().stream()
                            .map(path -> path.replaceAll("/\\d+\\.\\d+\\.\\d+/", "/{version}/"))
                            .map(path -> new Route("ANY", path));
            case RouterFunctionMapping functions ->
                    functions.getRouterFunction() == null
                            ? Stream.empty()
                            : Stream.of(new Route("FUNCTION", "?"));
            default ->
                    throw new AssertionError(
                            "a kind of mapping that this test does not know: " + mapping);
        };
    }

    private static Stream<Route> of(RequestMappingInfo info) {
        List<String> methods =
                info.getMethodsCondition().getMethods().isEmpty()
                        ? List.of("ANY")
                        : info.getMethodsCondition().getMethods().stream().map(Enum::name).toList();
        return info.getPatternValues().stream()
                .flatMap(path -> methods.stream().map(method -> new Route(method, path)));
    }

    /// The reviewed routes, each with the scope it requires.
    public static Map<Route, String> listed() throws IOException {
        Map<Route, String> listed = new TreeMap<>();
        for (String line : Files.readAllLines(LISTED)) {
            if (!line.startsWith("#") && !line.isBlank()) {
                String[] columns = line.split("\t");
                listed.put(new Route(columns[1], columns[2]), columns[0]);
            }
        }
        return listed;
    }

    /// Returns a supported method and a harmless path.
    public String anyMethod() {
        return method.equals("ANY") ? "GET" : method;
    }

    public String anyPath() {
        return pattern.replaceAll("\\{[^}]*}", "nobody")
                .replace("/health/**", "/health/liveness")
                .replace("**", "nothing-there")
                .replace("*", "");
    }

    @Override
    public int compareTo(Route other) {
        return (pattern + method).compareTo(other.pattern + other.method);
    }

    @Override
    public String toString() {
        return method + " " + pattern;
    }
}
