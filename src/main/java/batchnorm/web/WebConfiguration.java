package batchnorm.web;

import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.Pipeline;
import org.apache.catalina.Valve;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.ContinueResponseTiming;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/// Wires this package into Spring MVC and Tomcat.
@Configuration(proxyBeanMethods = false)
class WebConfiguration implements WebMvcConfigurer {
    private final RequestLimits limits;

    private final ObjectProvider<ServiceMetrics> measurements;

    /// @param measurements when they are needed, which is after this class has made their parts
    WebConfiguration(RequestLimits limits, ObjectProvider<ServiceMetrics> measurements) {
        this.limits = limits;
        this.measurements = measurements;
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.addAll(ApiArgumentResolver.all());
        resolvers.add(new ApiArgumentResolver.OfQuery());
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new NegotiationInterceptor());
    }

    @Override
    public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
        builder.addCustomConverter(new CodecMessageConverter(limits, measurements));
    }

    @Bean
    static RequestExecutor arrivals() {
        return new RequestExecutor();
    }

    @Bean
    static AdmissionControl admission(RequestLimits limits, RequestExecutor arrivals) {
        return new AdmissionControl(limits, arrivals);
    }

    /// Last, because Boot puts an error page of its own into the pipeline.
    @Bean
    @Order
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemValve() {
        return factory -> factory.addContextCustomizers(WebConfiguration::reportProblems);
    }

    /// Threads are counted as they come, and connections are as many as were set and the heap
    /// bears: each costs memory before anything of its request can be refused.
    @Bean
    @Order
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> boundedConnections(
            RequestExecutor arrivals) {
        return factory -> boundConnections(factory, limits, arrivals, this::countHttp2);
    }

    static void boundConnections(
            TomcatServletWebServerFactory factory,
            RequestLimits limits,
            RequestExecutor arrivals,
            Runnable http2) {
        factory.setProtocol(PunctualHttp.class.getName());
        factory.addConnectorCustomizers(connector -> {
            if (connector.getProtocolHandler() instanceof PunctualHttp http) {
                http.setExecutor(arrivals);
                http.allow(limits.bodyGrace());
                // A body that is refused unread need not be sent at all.
                http.setContinueResponseTiming(
                        ContinueResponseTiming.ON_REQUEST_BODY_READ.toString());
                http.onHttp2(http2);
                http.setMaxConnections(
                        Math.min(http.getMaxConnections(), RequestLimits.connections()));
            }
        });
    }

    private void countHttp2() {
        measurements.getObject().http2Refused();
    }

    static void reportProblems(Context context) {
        if (context.getParent() instanceof StandardHost host) {
            Pipeline pipeline = host.getPipeline();
            for (Valve valve : pipeline.getValves()) {
                if (valve instanceof ErrorReportValve) {
                    pipeline.removeValve(valve);
                }
            }
            pipeline.addValve(new ContainerProblems.Valve());
            host.setErrorReportValveClass(ContainerProblems.Valve.class.getName());
        }
    }
}
