package batchnorm.web.openapi;

import batchnorm.access.Authenticator;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.resource.ResourceTransformerChain;
import org.springframework.web.servlet.resource.TransformedResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Serves the written contract of `/v2`. Without credentials it omits the security requirements, as
/// the contract of `/api/v1` does.
@Configuration(proxyBeanMethods = false)
class OpenInferenceContract implements WebMvcConfigurer {
    private static final JsonMapper JSON = JsonMapper.shared();
    private final boolean requiresCredentials;

    OpenInferenceContract(Authenticator authenticator) {
        this.requiresCredentials = authenticator.requiresCredentials();
    }

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        registry.addResourceHandler("/openapi/**")
                .addResourceLocations("classpath:/static/openapi/")
                .resourceChain(true)
                .addTransformer(this::transform);
    }

    private Resource transform(
            HttpServletRequest request, Resource resource, ResourceTransformerChain chain)
            throws IOException {
        Resource document = chain.transform(request, resource);
        return requiresCredentials
                ? document
                : new TransformedResource(document, withoutSecurity(document));
    }

    private static byte[] withoutSecurity(Resource document) throws IOException {
        JsonNode contract = JSON.readTree(document.getContentAsByteArray());
        remove(contract.path("components"), "securitySchemes");
        for (JsonNode path : contract.path("paths")) {
            path.forEach(operation -> remove(operation, "security"));
        }
        return JSON.writeValueAsBytes(contract);
    }

    private static void remove(JsonNode node, String field) {
        if (node instanceof ObjectNode object) {
            object.remove(field);
        }
    }
}
