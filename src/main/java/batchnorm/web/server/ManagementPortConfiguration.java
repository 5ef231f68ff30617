package batchnorm.web.server;

import batchnorm.access.Authenticator;
import batchnorm.access.PrincipalFilter;
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

/// Configures the actuator on a separate port, served by a second server with its own filters. Only
/// the interceptor of all handlers applies to both. Registered in `META-INF/spring`, because the
/// first server would also find a component.
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

    @Bean
    FilterRegistrationBean<PrincipalFilter> managementPrincipal(Authenticator authenticator) {
        return first(new PrincipalFilter(authenticator), 3);
    }

    private static <F extends jakarta.servlet.Filter> FilterRegistrationBean<F> first(
            F filter, int order) {
        FilterRegistrationBean<F> registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + order);
        return registration;
    }

    /// Finds [ProblemExceptionHandler] in the parent context.
    @Bean
    HandlerExceptionResolver managementProblems() {
        return new ExceptionHandlerExceptionResolver();
    }

    /// Runs last, because Boot resets all addresses if none is configured.
    @Bean
    @Order
    WebServerFactoryCustomizer<JettyServletWebServerFactory> managementServer(
            ServerProperties server,
            Environment environment,
            RequestLimits limits,
            RequestExecutor executor,
            DrainLifecycle drain,
            ServiceMetrics metrics) {
        return factory -> {
            InetAddress own =
                    environment.getProperty("management.server.address", InetAddress.class);
            factory.setAddress(own == null ? server.getAddress() : own);
            factory.setErrorPages(Set.of());
            JettyConfiguration.customize(factory, limits, executor, drain, metrics::http2Refused);
        };
    }
}
