package batchnorm.web.openapi;

import batchnorm.layer.LayerName;
import batchnorm.layer.Precondition;
import batchnorm.web.api.Idempotency;
import batchnorm.web.api.RequestFingerprint;
import batchnorm.web.binding.Endpoint;
import batchnorm.web.binding.Query;
import batchnorm.web.binding.SpentTensors;
import batchnorm.web.problem.Problem;
import batchnorm.web.telemetry.ServerTiming;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import io.swagger.v3.oas.models.tags.Tag;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// The OpenAPI contract: paths from the controllers, everything else from their [Endpoint]s.
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
    static final String BEARER = "bearer";

    /// The tags, in the order of a first session.
    private static final List<Tag> TAGS =
            List.of(
                    tag("layers", "The registry of named layers."),
                    tag("passes", "Forward and backward through a layer."),
                    tag("insight", "Read-only views of a layer's computation, number by number."),
                    tag(
                            "together",
                            "Batches in parts: from several workers, or in several requests."),
                    tag("snapshots", "Saved versions of layers."),
                    tag(
                            "folding",
                            "A layer's inference as an affine map per channel, or folded into adjacent weights."),
                    tag("checkpoints", "Export and import of layers as framework checkpoints."),
                    tag("conventions", "The defaults of each framework."));

    static {
        SpringDocUtils.getConfig()
                .addRequestWrapperToIgnore(
                        Precondition.class,
                        Idempotency.class,
                        RequestFingerprint.class,
                        ServerTiming.class,
                        SpentTensors.class)
                .addAnnotationsToIgnore(Query.class)
                .replaceWithClass(LayerName.class, String.class);
    }

    private static Tag tag(String name, String description) {
        return new Tag().name(name).description(description);
    }

    /// Keeps springdoc from inspecting bodies, which takes seconds: [Schemas] describes them as the
    /// codecs read and write them.
    @Bean
    ModelConverter bodies() {
        return (type, context, chain) -> {
            if (type.getType() instanceof Class<?> body
                    && body.getName().startsWith("batchnorm.web.")) {
                return new Schema<>();
            }
            return chain.hasNext() ? chain.next().resolve(type, context, chain) : null;
        };
    }

    @Bean
    OperationCustomizer operations() {
        return (documented, method) -> {
            Endpoint endpoint = Endpoint.of(method);
            return endpoint == null
                    ? documented
                    : new OperationDocument(endpoint).describe(documented);
        };
    }

    @Bean
    GlobalOpenApiCustomizer contract(
            @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping) {
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
            api.setServers(List.of(new Server().url("/"))); // relative: works behind any proxy
            api.setComponents(
                    components(
                            mapping.getHandlerMethods().values().stream()
                                    .map(Endpoint::of)
                                    .filter(Objects::nonNull)
                                    .toList()));
            api.setTags(TAGS);
            api.setPaths(sortedByTag(api.getPaths()));
        };
    }

    private static Components components(List<Endpoint> endpoints) {
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
        endpoints.stream()
                .flatMap(endpoint -> Stream.of(endpoint.request(), endpoint.answer()))
                .flatMap(signature -> signature.stream())
                .sorted(Comparator.comparing(signature -> signature.name()))
                .forEach(signature -> Schemas.add(components, signature));
        return components;
    }

    private static Paths sortedByTag(Paths paths) {
        List<String> order = TAGS.stream().map(Tag::getName).toList();
        Paths sorted = new Paths();
        paths.entrySet().stream()
                .filter(path -> path.getKey().startsWith("/api/"))
                .sorted(
                        Comparator.<java.util.Map.Entry<String, PathItem>>comparingInt(
                                        path -> order.indexOf(tagOf(path.getValue())))
                                .thenComparing(java.util.Map.Entry::getKey))
                .forEach(path -> sorted.addPathItem(path.getKey(), path.getValue()));
        return sorted;
    }

    private static String tagOf(PathItem path) {
        return path.readOperations().getFirst().getTags().getFirst();
    }
}
