package batchnorm.web;

import batchnorm.admission.AdmissionControl;
import batchnorm.admission.RequestExecutor;
import batchnorm.admission.RequestLimits;
import batchnorm.web.binding.ApiArgumentResolver;
import batchnorm.web.binding.CodecMessageConverter;
import batchnorm.web.binding.NegotiationInterceptor;
import batchnorm.web.telemetry.ServiceMetrics;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/// Wires this package into Spring MVC.
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
        registry.addInterceptor(new NegotiationInterceptor(limits));
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
}
