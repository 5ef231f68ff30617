package batchnorm.web;

import batchnorm.layer.LayerName;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The OpenAPI contract: paths from the controllers, everything else from [Operation].
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
    static final String BEARER = "bearer";

    static {
        SpringDocUtils.getConfig()
                .addRequestWrapperToIgnore(Exchange.class)
                .replaceWithClass(LayerName.class, String.class);
    }

    @Bean
    OperationCustomizer operations() {
        return (documented, method) -> {
            Performs performs = method.getMethodAnnotation(Performs.class);
            return performs == null
                    ? documented
                    : new OperationDocument(performs.value()).describe(documented);
        };
    }

    @Bean
    GlobalOpenApiCustomizer contract() {
        return api -> {
            api.setInfo(
                    new Info()
                            .title("Batch normalization as a service")
                            .version("v1")
                            .description(
                                    "Named, stateful batch-normalization layers: forward in training and"
                                            + " inference, backward, with the conventions of the frameworks."
                                            + " A null of an optional field is an absent field, unless its"
                                            + " description gives null a meaning. A number that is not finite is"
                                            + " the string \"NaN\", \"Infinity\" or \"-Infinity\".")
                            .license(new License().name("Apache-2.0").identifier("Apache-2.0")));
            api.setServers(List.of(new Server().url("/"))); // wherever it is served from
            api.setComponents(components());
            api.setTags(Arrays.stream(OperationTag.values()).map(OperationTag::described).toList());
            api.setPaths(inTheOrderOfAFirstSession(api.getPaths()));
        };
    }

    private static Components components() {
        Components components =
                new Components()
                        .addSecuritySchemes(
                                BEARER,
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.HTTP)
                                        .scheme("bearer")
                                        .description(
                                                "An API key or an OAuth 2 token. The scope `train` includes"
                                                        + " `infer`, `admin` includes both."))
                        .addSchemas(Schemas.TENSOR, Schemas.tensor());
        Schemas.add(components, Problem.FIELDS);
        for (Operation operation : Operation.values()) {
            boolean readsJson = operation.body().formats().contains(Format.JSON);
            Stream.of(readsJson ? operation.request() : null, operation.answer())
                    .filter(Objects::nonNull)
                    .forEach(signature -> Schemas.add(components, signature));
        }
        return components;
    }

    private static Paths inTheOrderOfAFirstSession(Paths paths) {
        List<String> order = Arrays.stream(Operation.values()).map(Operation::id).toList();
        Paths sorted = new Paths();
        paths.entrySet().stream()
                .filter(path -> path.getKey().startsWith("/api/"))
                .sorted(
                        Comparator.comparingInt(
                                path -> order.indexOf(firstId(path.getValue(), order))))
                .forEach(path -> sorted.addPathItem(path.getKey(), path.getValue()));
        return sorted;
    }

    private static String firstId(PathItem path, List<String> order) {
        return path.readOperations().stream()
                .map(io.swagger.v3.oas.models.Operation::getOperationId)
                .min(Comparator.comparingInt(order::indexOf))
                .orElseThrow();
    }
}
