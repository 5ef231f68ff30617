package batchnorm.web.server;

import batchnorm.admission.AdmissionFilter;
import batchnorm.admission.RequestExecutor;
import batchnorm.admission.RequestLimits;
import batchnorm.web.security.CrossSiteFilter;
import batchnorm.web.security.SecurityHeadersFilter;
import batchnorm.web.telemetry.ServiceMetrics;
import java.net.InetAddress;
import java.util.Set;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.mvc.method.annotation.ExceptionHandlerExceptionResolver;

/// The actuator on a port of its own: a second server, to which nothing of the first applies by
/// itself but the interceptor before every handler. Listed for Spring Boot in `META-INF/spring`; no
/// component, which the first server would find too.
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
public class ManagementPortConfiguration {

    @Bean
    FilterRegistrationBean<SecurityHeadersFilter> managementHeaders(SecurityHeadersFilter headers) {
        return first(headers, 0);
    }

    @Bean
    FilterRegistrationBean<CrossSiteFilter> managementCrossSite(CrossSiteFilter crossSite) {
        return first(crossSite, 1);
    }

    @Bean
    FilterRegistrationBean<AdmissionFilter> managementBodies(AdmissionFilter bodies) {
        return first(bodies, 2);
    }

    private static <F extends jakarta.servlet.Filter> FilterRegistrationBean<F> first(
            F filter, int place) {
        FilterRegistrationBean<F> registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + place);
        return registration;
    }

    /// Finds [ProblemExceptionHandler] in the parent context.
    @Bean
    HandlerExceptionResolver managementProblems() {
        return new ExceptionHandlerExceptionResolver();
    }

    /// Last, because Boot sets all addresses where no address is configured.
    @Bean
    @Order
    WebServerFactoryCustomizer<JettyServletWebServerFactory> managementServer(
            ServerProperties server,
            Environment environment,
            RequestLimits limits,
            RequestExecutor arrivals,
            ServiceMetrics measurements) {
        return factory -> {
            InetAddress own =
                    environment.getProperty("management.server.address", InetAddress.class);
            factory.setAddress(own == null ? server.getAddress() : own);
            factory.setErrorPages(Set.of());
            JettyConfiguration.customize(factory, limits, arrivals, measurements::http2Refused);
        };
    }
}
