package batchnorm.web;

import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.layer.LayerName;
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
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// One operation in the OpenAPI contract.
final class OperationDocument {
    private static final JsonMapper JSON = JsonMapper.shared();
    private final Operation operation;
    private final String summary;
    private final String description;

    OperationDocument(Operation operation) {
        this.operation = operation;
        // A line that sums it up, an empty one, and what else there is to know.
        String words = new String(Objects.requireNonNull(resource(".md")), StandardCharsets.UTF_8);
        int end = words.indexOf('\n');
        this.summary = words.substring(0, end);
        this.description = words.substring(end).strip();
    }

    io.swagger.v3.oas.models.Operation describe(io.swagger.v3.oas.models.Operation documented) {
        documented.setOperationId(operation.id());
        documented.setSummary(summary);
        documented.setDescription(description);
        documented.setTags(List.of(operation.tag().word()));
        documented.setSecurity(
                List.of(
                        new SecurityRequirement()
                                .addList(OpenApiConfiguration.BEARER, operation.scope().text()),
                        new SecurityRequirement())); // where the service asks nobody who they are
        describeParameters(documented);
        if (operation.readsBody()) {
            documented.setRequestBody(
                    new RequestBody()
                            .required(true)
                            .content(content(operation.body(), operation.request(), "request")));
        }
        documented.setResponses(responses());
        return documented;
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
                case "limit" -> {
                    parameter.getSchema().setMinimum(BigDecimal.ONE);
                    parameter.getSchema().setMaximum(BigDecimal.valueOf(LayerController.MAX_PAGE));
                }
                case "id", "from" -> parameter.example("1");
                default -> {}
            }
        }
        for (String header : operation.headers()) {
            parameters.add(header(header));
        }
        switch (operation.body()) {
            case TENSORS ->
                    fields().filter(QueryParameters::takes)
                            .map(this::besideBody)
                            .forEach(parameters::add);
            case QUERY, CHECKPOINT -> fields().map(this::query).forEach(parameters::add);
            case NONE, JSON, MERGE_PATCH -> {}
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

    private Stream<Field> fields() {
        return Objects.requireNonNull(operation.request()).fields().stream();
    }

    private Parameter besideBody(Field field) {
        Parameter parameter = query(field);
        return parameter
                .required(null) // JSON has it in the body
                .description("Beside a binary body: " + parameter.getDescription());
    }

    private Parameter query(Field field) {
        Parameter parameter =
                new Parameter()
                        .in("query")
                        .name(field.name())
                        .description(FieldDescriptions.meaning(operation.id(), field.name()))
                        .required(field.required() ? true : null)
                        .schema(
                                field.kind() == Signature.Kind.COUNTS
                                        ? Schemas.typed("string", null)
                                        : Schemas.of(field));
        boolean isWhole = operation.body() != OperationBody.TENSORS; // not beside a body in JSON
        return isWhole && example("request") instanceof Map<?, ?> values
                ? parameter.example(values.get(field.name()))
                : parameter;
    }

    /// What a body of some kind may be.
    ///
    /// @param message what it is in JSON
    private Content content(OperationBody kind, @Nullable Signature message, String exampleKind) {
        Content content = new Content();
        for (Format format : kind.formats()) {
            content.addMediaType(
                    format.mediaType(),
                    format == Format.JSON
                            ? json(Objects.requireNonNull(message), exampleKind)
                            : new MediaType().schema(Schemas.typed("string", "binary")));
        }
        if (kind == OperationBody.MERGE_PATCH) {
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
        responses.addApiResponse(Integer.toString(operation.successStatus()), success());
        if (operation.headers().contains("If-None-Match")) {
            responses.addApiResponse(
                    "304", new ApiResponse().description("The client has it already."));
        }
        operation.problems().collect(Collectors.groupingBy(ProblemType::status)).entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry ->
                        responses.addApiResponse(
                                Integer.toString(entry.getKey()),
                                problem(entry.getKey(), entry.getValue())));
        return responses;
    }

    private ApiResponse success() {
        ApiResponse response = new ApiResponse().description(summary + ": done");
        if (operation.answerBody() == OperationBody.NONE) {
            return response;
        }
        Content content = content(operation.answerBody(), operation.answer(), "answer");
        for (String header : operation.answerHeaders()) {
            response.addHeaderObject(header, new Header().schema(Schemas.typed("string", null)));
        }
        return response.content(content);
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

    /// A worked example, which tests run against the service.
    private @Nullable Object example(String kind) {
        byte[] example = resource("." + kind + ".json");
        return example == null ? null : JSON.readValue(example, Object.class);
    }

    private byte @Nullable [] resource(String suffix) {
        String file = "/openapi/" + operation.slug() + suffix;
        try (InputStream resource = OperationDocument.class.getResourceAsStream(file)) {
            return resource == null ? null : resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
