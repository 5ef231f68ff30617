package batchnorm.web.openapi;

import batchnorm.access.Authenticator;
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
import java.util.Map;
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

    private static final String INTRODUCTION =
            """
            1. **Create** a layer by its name: `POST /api/v1/layers`. The default convention is PyTorch's.
            2. **Train**: `POST /api/v1/layers/{name}/forward-train` normalizes a batch with its own statistics and updates the running ones.
            3. **Backward**: `POST /api/v1/layers/{name}/backward` returns the gradients of that batch.
            4. **Infer**: `POST /api/v1/layers/{name}/forward-infer` normalizes with the running statistics.

            The examples run as they stand. A number that is not finite is "NaN", "Infinity" or "-Infinity". [The page](/) shows each step of a batch.
            """;

    /// The tags, by task.
    private static final List<Tag> TAGS =
            List.of(
                    tag("Layers", "Create, read, change and delete named layers."),
                    tag("Forward and backward", "Send batches and gradients through a layer."),
                    tag(
                            "Diagnostics",
                            "Check a layer, and follow a computation number by number. Changes nothing."),
                    tag(
                            "Distributed batches",
                            "One batch from several workers, or in several requests."),
                    tag("Checkpoints", "Import and export files of frameworks."),
                    tag(
                            "Fold into weights",
                            "Replace a layer by an affine map, or by adjacent weights."),
                    tag("Snapshots", "Save versions of a layer, compare and restore them."),
                    tag("Conventions", "The defaults of each framework."));

    /// The operations of a first session, which come first in their tags.
    private static final List<String> FIRST_SESSION =
            List.of("createLayer", "forwardTrain", "backward", "forwardInfer");

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
    OperationCustomizer operations(Authenticator authenticator) {
        boolean requiresCredentials = authenticator.requiresCredentials();
        return (documented, method) -> {
            Endpoint endpoint = Endpoint.of(method);
            return endpoint == null
                    ? documented
                    : new OperationDocument(endpoint, requiresCredentials).describe(documented);
        };
    }

    @Bean
    GlobalOpenApiCustomizer contract(
            @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping,
            Authenticator authenticator) {
        return api -> {
            api.setInfo(
                    new Info()
                            .title("Batch normalization as a service")
                            .version("v1")
                            .description(INTRODUCTION)
                            .license(new License().name("Apache-2.0").identifier("Apache-2.0")));
            api.setServers(List.of(new Server().url("/"))); // relative: works behind any proxy
            Components components =
                    components(
                            mapping.getHandlerMethods().values().stream()
                                    .map(Endpoint::of)
                                    .filter(Objects::nonNull)
                                    .toList());
            if (authenticator.requiresCredentials()) {
                components.addSecuritySchemes(BEARER, bearer());
            }
            api.setComponents(components);
            api.setTags(TAGS);
            api.setPaths(inOrder(api.getPaths()));
        };
    }

    private static SecurityScheme bearer() {
        return new SecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description(
                        "An API key or an OAuth 2 token. The scope `train` includes `infer`, `admin`"
                                + " includes both.");
    }

    private static Components components(List<Endpoint> endpoints) {
        Components components =
                new Components()
                        .addSchemas(Schemas.TENSOR, Schemas.tensor())
                        .addSchemas(Schemas.TENSOR_OBJECT, Schemas.tensorObject());
        Schemas.add(components, Problem.FIELDS);
        endpoints.stream()
                .flatMap(endpoint -> Stream.of(endpoint.request(), endpoint.answer()))
                .flatMap(signature -> signature.stream())
                .sorted(Comparator.comparing(signature -> signature.name()))
                .forEach(signature -> Schemas.add(components, signature));
        return components;
    }

    private static Paths inOrder(Paths paths) {
        List<String> tags = TAGS.stream().map(Tag::getName).toList();
        Paths sorted = new Paths();
        paths.entrySet().stream()
                .filter(path -> path.getKey().startsWith("/api/"))
                .sorted(
                        Comparator.<Map.Entry<String, PathItem>>comparingInt(
                                        path -> tags.indexOf(tagOf(path.getValue())))
                                .thenComparingInt(path -> placeInSession(path.getValue()))
                                .thenComparing(Map.Entry::getKey))
                .forEach(path -> sorted.addPathItem(path.getKey(), path.getValue()));
        return sorted;
    }

    private static String tagOf(PathItem path) {
        return path.readOperations().getFirst().getTags().getFirst();
    }

    private static int placeInSession(PathItem path) {
        return path.readOperations().stream()
                .mapToInt(operation -> FIRST_SESSION.indexOf(operation.getOperationId()))
                .filter(place -> place >= 0)
                .min()
                .orElse(FIRST_SESSION.size());
    }
}
