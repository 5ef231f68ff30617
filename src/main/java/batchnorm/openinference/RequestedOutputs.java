package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The outputs of a response and their representation. Resolved before any computation, so that a
/// step is not made if its response cannot be sent.
final class RequestedOutputs {
    private static final String BINARY = "binary_data";
    private static final List<String> UNSUPPORTED =
            List.of("classification", "shared_memory_region");

    private final Map<String, Boolean> binary = new LinkedHashMap<>();
    private boolean named;

    /// @param binaryByDefault whether outputs are binary unless the request decides
    /// @throws InvalidField for an output that the operation lacks, a duplicate, and unsupported
    ///   forms
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
        for (InferenceRequest.Output output : request.outputs()) {
            if (!offered.contains(output.name())) {
                throw new InvalidField(
                        "outputs",
                        "\"outputs\" names an unknown output; "
                                + operation.word()
                                + " has "
                                + String.join(", ", offered));
            }
            outputs.add(output, allBinary);
        }
        return outputs;
    }

    private void add(InferenceRequest.Output output, boolean byDefault) {
        for (String form : UNSUPPORTED) {
            if (output.parameters().has(form)) {
                throw new InvalidField(
                        "outputs", "the parameter \"" + form + "\" of an output is not offered");
            }
        }
        if (binary.put(output.name(), asBytes(output, byDefault)) != null) {
            throw new InvalidField(
                    "outputs", "the output \"" + output.name() + "\" is requested twice");
        }
    }

    private static boolean asBytes(InferenceRequest.Output output, boolean byDefault) {
        @Nullable Object value = output.parameters().values().get(BINARY);
        if (value == null) {
            return byDefault;
        }
        if (value instanceof Boolean asBytes) {
            return asBytes;
        }
        throw new InvalidField(
                "outputs", "the parameter \"" + BINARY + "\" of an output must be true or false");
    }

    /// Returns whether each output is sent as bytes, by name and in order.
    Map<String, Boolean> binary() {
        return binary;
    }

    /// Returns whether the request names one of these outputs.
    boolean name(String... outputs) {
        return named && List.of(outputs).stream().anyMatch(binary::containsKey);
    }

    /// @param reason why the layer lacks the outputs
    /// @throws InvalidField when the request names one of them
    void reject(String reason, String... outputs) {
        if (name(outputs)) {
            throw new InvalidField(
                    "outputs",
                    "this layer has no %s: %s".formatted(String.join(", ", outputs), reason));
        }
    }
}
