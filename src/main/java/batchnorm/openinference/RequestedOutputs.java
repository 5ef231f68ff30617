package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The outputs of a response, and which of them are bytes. Known before anything is computed: a
/// training step whose response cannot be given is not made.
final class RequestedOutputs {
    private static final String BINARY = "binary_data";
    private static final List<String> NOT_OFFERED =
            List.of("classification", "shared_memory_region");

    private final Map<String, Boolean> binary = new LinkedHashMap<>();
    private boolean named;

    /// @param binaryByDefault whether outputs are bytes unless the request says otherwise
    /// @throws InvalidField for an output that the operation does not have, one that is named
    ///   twice, and for forms of outputs that are not offered
    static RequestedOutputs of(
            InferenceRequest request,
            InferOperation operation,
            RequestParameters parameters,
            boolean binaryByDefault) {
        boolean allBinary = parameters.bool(RequestWord.BINARY_DATA_OUTPUT, binaryByDefault);
        List<String> offered = new ArrayList<>(operation.outputs());
        if (!parameters.bool(RequestWord.RETURN_STATISTICS, true)) {
            offered.retainAll(List.of(ModelMessages.OUTPUT));
        }
        RequestedOutputs outputs = new RequestedOutputs();
        outputs.named = !request.outputs().isEmpty();
        if (!outputs.named) {
            offered.forEach(name -> outputs.binary.put(name, allBinary));
        }
        for (InferenceRequest.Output wanted : request.outputs()) {
            if (!offered.contains(wanted.name())) {
                throw new InvalidField(
                        "outputs",
                        "\"outputs\" names one that there is not; "
                                + operation.word()
                                + " has "
                                + String.join(", ", offered));
            }
            outputs.add(wanted, allBinary);
        }
        return outputs;
    }

    private void add(InferenceRequest.Output wanted, boolean otherwise) {
        for (String form : NOT_OFFERED) {
            if (wanted.parameters().has(form)) {
                throw new InvalidField(
                        "outputs", "the parameter \"" + form + "\" of an output is not offered");
            }
        }
        if (binary.put(wanted.name(), asBytes(wanted, otherwise)) != null) {
            throw new InvalidField(
                    "outputs", "the output \"" + wanted.name() + "\" is asked for twice");
        }
    }

    private static boolean asBytes(InferenceRequest.Output wanted, boolean otherwise) {
        @Nullable Object value = wanted.parameters().values().get(BINARY);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean asBytes) {
            return asBytes;
        }
        throw new InvalidField(
                "outputs", "the parameter \"" + BINARY + "\" of an output must be true or false");
    }

    /// By name, in order: whether it is sent as bytes.
    Map<String, Boolean> binary() {
        return binary;
    }

    /// Whether the request names one of these outputs.
    boolean name(String... outputs) {
        return named && List.of(outputs).stream().anyMatch(binary::containsKey);
    }

    /// @param reason that the layer has no such outputs
    /// @throws InvalidField when the request names one of them
    void refuse(String reason, String... outputs) {
        if (name(outputs)) {
            throw new InvalidField(
                    "outputs",
                    "this layer has no %s: %s".formatted(String.join(", ", outputs), reason));
        }
    }
}
