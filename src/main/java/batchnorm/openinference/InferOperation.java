package batchnorm.openinference;

import batchnorm.access.Scope;
import batchnorm.codec.InvalidField;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// The computation of a request, from its parameter `operation`.
enum InferOperation {
    FORWARD_INFER(Scope.INFER, ModelMessages.OUTPUT),
    FORWARD_TRAIN(
            Scope.TRAIN,
            ModelMessages.OUTPUT,
            "batch_mean",
            "batch_var",
            "running_mean",
            "running_var"),
    BACKWARD(Scope.TRAIN, "grad_input", "grad_gamma", "grad_beta");

    static final String GRAD_OUTPUT = "grad_output";
    static final String MASK = "mask";
    static final String WEIGHTS = "weights";
    static final String BATCH_MEAN = "batch_mean";
    static final String BATCH_VAR = "batch_var";
    static final String RUNNING_MEAN = "running_mean";
    static final String RUNNING_VAR = "running_var";
    static final String GRAD_GAMMA = "grad_gamma";
    static final String GRAD_BETA = "grad_beta";

    /// Optional inputs of a forward in training and of a backward that recomputes one.
    static final List<String> WEIGHTING = List.of(MASK, WEIGHTS);

    /// The statistics of a recomputed forward.
    static final List<String> STATISTICS = List.of(BATCH_MEAN, BATCH_VAR);

    /// The inputs of all operations.
    static final Set<String> INPUTS =
            Set.of(ModelMessages.INPUT, GRAD_OUTPUT, MASK, WEIGHTS, BATCH_MEAN, BATCH_VAR);

    private final Scope scope;
    private final Set<String> outputs;

    InferOperation(Scope scope, String... outputs) {
        this.scope = scope;
        this.outputs = new LinkedHashSet<>(List.of(outputs));
    }

    /// @throws InvalidField for an unknown operation
    static InferOperation of(RequestParameters parameters) {
        String word = parameters.text(RequestWord.OPERATION);
        return word == null ? FORWARD_INFER : parse(word);
    }

    private static InferOperation parse(String word) {
        return Arrays.stream(values())
                .filter(operation -> operation.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidField(
                                "parameters.operation",
                                "the parameter \"operation\" must be one of "
                                        + Arrays.stream(values())
                                                .map(InferOperation::word)
                                                .collect(Collectors.joining(", "))));
    }

    /// Returns the required scope. Saving a context requires the scope of the backward that uses
    /// it.
    Scope scope(RequestParameters parameters) {
        return this == FORWARD_INFER && parameters.bool(RequestWord.SAVE_CONTEXT, false)
                ? BACKWARD.scope
                : scope;
    }

    /// Returns the name, such as `forward-infer`.
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Returns the outputs that a request may name, in order.
    Set<String> outputs() {
        return outputs;
    }

    /// @param hasContext whether a `context_id` replaces the forward
    /// @throws InvalidField when a required input is missing or an input is unknown
    void requireInputs(InferenceRequest request, boolean hasContext) {
        List<String> required = required(hasContext);
        List<String> optional = optional(hasContext);
        Set<String> given = request.inputs().keySet();
        boolean isComplete =
                given.containsAll(required)
                        && given.stream()
                                .allMatch(
                                        name -> required.contains(name) || optional.contains(name));
        if (!isComplete) {
            throw new InvalidField(
                    "inputs",
                    "%s%s takes the inputs %s%s, and no others%s"
                            .formatted(
                                    word(),
                                    hasContext ? " with a context_id" : "",
                                    String.join(", ", required),
                                    optional.isEmpty()
                                            ? ""
                                            : ", optionally " + String.join(", ", optional),
                                    this == BACKWARD && !hasContext
                                            ? "; or "
                                                    + GRAD_OUTPUT
                                                    + " and the parameter \"context_id\" of a forward"
                                            : ""));
        }
    }

    private List<String> required(boolean hasContext) {
        if (this != BACKWARD) {
            return List.of(ModelMessages.INPUT);
        }
        return hasContext ? List.of(GRAD_OUTPUT) : List.of(GRAD_OUTPUT, ModelMessages.INPUT);
    }

    private List<String> optional(boolean hasContext) {
        return switch (this) {
            case FORWARD_INFER -> List.of();
            case FORWARD_TRAIN -> WEIGHTING;
            case BACKWARD -> hasContext ? List.of() : List.of(MASK, WEIGHTS, BATCH_MEAN, BATCH_VAR);
        };
    }
}
