package batchnorm.web.openapi;

import batchnorm.access.RequiredScope;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.layer.LayerName;
import batchnorm.layer.Precondition;
import batchnorm.web.api.Idempotency;
import batchnorm.web.binding.Endpoint;
import batchnorm.web.binding.Format;
import batchnorm.web.binding.IdempotencyKeys;
import batchnorm.web.binding.QueryParameters;
import batchnorm.web.problem.Fails;
import batchnorm.web.problem.Problem;
import batchnorm.web.problem.ProblemGroup;
import batchnorm.web.problem.ProblemType;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import tools.jackson.databind.json.JsonMapper;

/// Documents one operation in the OpenAPI contract.
final class OperationDocument {
    private static final JsonMapper JSON = JsonMapper.shared();
    private final Endpoint endpoint;
    private final boolean requiresCredentials;
    private final String summary;
    private final String description;

    OperationDocument(Endpoint endpoint, boolean requiresCredentials) {
        this.endpoint = endpoint;
        this.requiresCredentials = requiresCredentials;
        // The first line is the summary. The description follows an empty line.
        String text = new String(Objects.requireNonNull(resource(".md")), StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        this.summary = text.substring(0, end);
        this.description = text.substring(end).strip();
    }

    io.swagger.v3.oas.models.Operation describe(io.swagger.v3.oas.models.Operation documented) {
        documented.setOperationId(endpoint.id());
        documented.setSummary(summary);
        documented.setDescription(description);
        documented.setTags(List.of(endpoint.annotationOfClass(Tag.class).orElseThrow().name()));
        documented.setSecurity(requiresCredentials ? List.of(requirement()) : null);
        describeParameters(documented);
        if (endpoint.readsBody()) {
            documented.setRequestBody(
                    new RequestBody()
                            .required(true)
                            .description(requiredFields())
                            .content(
                                    content(
                                            endpoint.requestFormats(),
                                            endpoint.request().orElse(null),
                                            "request")));
        }
        documented.setResponses(responses());
        return documented;
    }

    private SecurityRequirement requirement() {
        return new SecurityRequirement()
                .addList(
                        OpenApiConfiguration.BEARER,
                        endpoint.annotation(RequiredScope.class).orElseThrow().value().text());
    }

    /// Names the required fields of the body, which Swagger UI otherwise shows in the schema only.
    private String requiredFields() {
        if (endpoint.request().isEmpty()) {
            return "A file.";
        }
        String required =
                endpoint.request().stream()
                        .flatMap(body -> body.fields().stream())
                        .filter(Field::required)
                        .map(field -> '`' + field.name() + '`')
                        .collect(Collectors.joining(", "));
        String fields =
                required.isEmpty() ? "No field is required." : "Required: " + required + '.';
        return endpoint.isMergePatch()
                ? fields
                : fields
                        + " A null is an absent field, unless the field's description gives it a"
                        + " meaning.";
    }

    private void describeParameters(io.swagger.v3.oas.models.Operation documented) {
        List<Parameter> parameters =
                new ArrayList<>(
                        documented.getParameters() == null
                                ? List.of()
                                : documented.getParameters());
        for (Parameter parameter : parameters) {
            String name = parameter.getName();
            parameter.description(FieldDescriptions.meaning("parameter", name));
            switch (name) {
                case "name" -> {
                    parameter.example("demo");
                    parameter.getSchema().setPattern(Schemas.whole(LayerName.PATTERN));
                }
                case "id", "from" -> parameter.example("1");
                default -> {}
            }
        }
        headers().stream().map(OperationDocument::header).forEach(parameters::add);
        endpoint.query().stream()
                .flatMap(query -> query.fields().stream())
                .map(this::query)
                .forEach(parameters::add);
        if (endpoint.requestFormats().contains(Format.RAW)) {
            endpoint.request().stream()
                    .flatMap(body -> body.fields().stream())
                    .filter(QueryParameters::takes)
                    .map(this::binaryParameter)
                    .forEach(parameters::add);
        }
        documented.setParameters(parameters.isEmpty() ? null : parameters);
    }

    private static Parameter header(String name) {
        return new Parameter()
                .in("header")
                .name(name)
                .description(FieldDescriptions.meaning("header", name))
                .schema(
                        name.equals(IdempotencyKeys.HEADER)
                                ? Schemas.typed("string", null)
                                        .pattern(Schemas.whole(IdempotencyKeys.PATTERN))
                                : Schemas.typed("string", null));
    }

    private Parameter binaryParameter(Field field) {
        Parameter parameter = parameter(field);
        return parameter
                .required(null) // JSON has the field in the body
                .description("For a binary body: " + parameter.getDescription());
    }

    private Parameter query(Field field) {
        Parameter parameter = parameter(field);
        return example("request") instanceof Map<?, ?> values
                ? parameter.example(values.get(field.name()))
                : parameter;
    }

    private Parameter parameter(Field field) {
        return new Parameter()
                .in("query")
                .name(field.name())
                .description(FieldDescriptions.meaning(endpoint.id(), field.name()))
                .required(field.required() ? true : null)
                .schema(
                        field.kind() == Signature.Kind.COUNTS
                                ? Schemas.typed("string", null)
                                : Schemas.of(field));
    }

    /// Returns the representations of a body.
    ///
    /// @param message its fields in JSON; null for a checkpoint
    private Content content(List<Format> formats, @Nullable Signature message, String exampleKind) {
        Content content = new Content();
        for (Format format : formats) {
            content.addMediaType(
                    format.mediaType(),
                    format == Format.JSON
                            ? json(Objects.requireNonNull(message), exampleKind)
                            : new MediaType().schema(Schemas.typed("string", "binary")));
        }
        if (exampleKind.equals("request") && endpoint.isMergePatch()) {
            content.addMediaType(
                    Format.MERGE_PATCH, json(Objects.requireNonNull(message), exampleKind));
        }
        return content;
    }

    private MediaType json(Signature signature, String kind) {
        MediaType json = new MediaType().schema(Schemas.reference(signature));
        Object example = example(kind);
        return example == null ? json : json.example(example);
    }

    private ApiResponses responses() {
        ApiResponses responses = new ApiResponses();
        responses.addApiResponse(Integer.toString(status().value()), success());
        if (isConditional()) {
            responses.addApiResponse("304", new ApiResponse().description("Not modified."));
        }
        problems().stream().collect(Collectors.groupingBy(ProblemType::status)).entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry ->
                        responses.addApiResponse(
                                Integer.toString(entry.getKey()),
                                problem(entry.getKey(), entry.getValue())));
        return responses;
    }

    private ApiResponse success() {
        ApiResponse response = new ApiResponse().description(status().getReasonPhrase());
        if (endpoint.answerFormats().isEmpty()) {
            return response;
        }
        Content content =
                content(endpoint.answerFormats(), endpoint.answer().orElse(null), "answer");
        for (String header : responseHeaders()) {
            response.addHeaderObject(header, new Header().schema(Schemas.typed("string", null)));
        }
        return response.content(content);
    }

    private HttpStatus status() {
        return endpoint.annotation(ResponseStatus.class)
                .map(ResponseStatus::value)
                .orElse(endpoint.answerFormats().isEmpty() ? HttpStatus.NO_CONTENT : HttpStatus.OK);
    }

    /// Returns the request headers that the operation reads.
    private List<String> headers() {
        List<String> headers = new ArrayList<>();
        if (endpoint.takes(Precondition.class)) {
            headers.add(HttpHeaders.IF_MATCH);
        }
        if (isConditional()) {
            headers.add(HttpHeaders.IF_NONE_MATCH);
        }
        if (endpoint.takes(Idempotency.class)) {
            headers.add(IdempotencyKeys.HEADER);
        }
        return headers;
    }

    /// Returns whether Spring compares the response's tag with the client's.
    private boolean isConditional() {
        return endpoint.annotation(GetMapping.class).isPresent()
                && responseHeaders().contains(HttpHeaders.ETAG);
    }

    private List<String> responseHeaders() {
        return endpoint.annotation(ResponseHeaders.class)
                .map(headers -> List.of(headers.value()))
                .orElse(List.of());
    }

    /// Returns the problems of the operation and of its kind.
    private Set<ProblemType> problems() {
        Set<ProblemType> problems = EnumSet.copyOf(ProblemGroup.ANY.types());
        if (endpoint.takes(LayerName.class)) {
            problems.addAll(ProblemGroup.LAYER.types());
        }
        if (endpoint.readsBody()) {
            problems.addAll(ProblemGroup.READ.types());
        }
        if (endpoint.readsFields()) {
            problems.addAll(ProblemGroup.JSON.types());
        }
        endpoint.annotation(Fails.class)
                .ifPresent(fails -> {
                    Stream.of(fails.like()).forEach(group -> problems.addAll(group.types()));
                    problems.addAll(List.of(fails.with()));
                });
        return problems;
    }

    private record ProblemExample(String type, String title, int status) {}

    private static ApiResponse problem(int status, List<ProblemType> types) {
        MediaType media = new MediaType().schema(Schemas.reference(Problem.FIELDS));
        for (ProblemType type : types) {
            media.addExamples(
                    type.slug(),
                    new Example()
                            .summary(type.title())
                            .value(new ProblemExample(type.uri(), type.title(), status)));
        }
        return new ApiResponse()
                .description(
                        types.stream()
                                .map(ProblemType::slug)
                                .sorted()
                                .collect(Collectors.joining(", ")))
                .content(new Content().addMediaType(Problem.MEDIA_TYPE, media));
    }

    /// Returns a worked example, which tests run against the service.
    private @Nullable Object example(String kind) {
        byte[] example = resource("." + kind + ".json");
        return example == null ? null : JSON.readValue(example, Object.class);
    }

    private byte @Nullable [] resource(String suffix) {
        String file = "/openapi/" + endpoint.slug() + suffix;
        try (InputStream resource = OperationDocument.class.getResourceAsStream(file)) {
            return resource == null ? null : resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
