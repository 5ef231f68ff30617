package batchnorm.openinference;

import batchnorm.access.Scope;
import batchnorm.codec.InferenceRequest;
import batchnorm.codec.InvalidField;
import batchnorm.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a request wants of a layer, by its parameter `operation`.
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

    private final Scope scope;
    private final Set<String> outputs;

    InferOperation(Scope scope, String... outputs) {
        this.scope = scope;
        this.outputs = new LinkedHashSet<>(List.of(outputs));
    }

    /// @throws InvalidField for a word that is none of these
    static InferOperation of(RequestParameters parameters) {
        String word = parameters.text("operation");
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

    /// What whoever asks for it must have been granted.
    Scope scope() {
        return scope;
    }

    /// `forward-infer`
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The outputs that a request of this kind may ask for, in order. Those of parameters and
    /// statistics that a layer does not have are left out of its answers.
    Set<String> outputs() {
        return outputs;
    }

    /// The inputs of a request of this kind.
    ///
    /// @param contextId that stands for the input, or null
    /// @throws InvalidField when there are others, or too few
    Tensor[] inputs(InferenceRequest request, @Nullable String contextId) {
        String[] wanted =
                this != BACKWARD
                        ? new String[] {ModelMessages.INPUT}
                        : contextId != null
                                ? new String[] {GRAD_OUTPUT}
                                : new String[] {GRAD_OUTPUT, ModelMessages.INPUT};
        Set<String> given = request.inputs().keySet();
        if (!given.equals(Set.of(wanted))) {
            throw new InvalidField(
                    "inputs",
                    "%s%s takes the inputs %s, and no others"
                                    .formatted(
                                            word(),
                                            contextId == null ? "" : " with a context_id",
                                            String.join(", ", wanted))
                            + (this == BACKWARD && contextId == null
                                    ? "; or "
                                            + GRAD_OUTPUT
                                            + " and the parameter \"context_id\" of a forward"
                                    : ""));
        }
        return Arrays.stream(wanted).map(request.inputs()::get).toArray(Tensor[]::new);
    }
}
