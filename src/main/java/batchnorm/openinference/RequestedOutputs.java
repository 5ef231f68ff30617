package batchnorm.openinference;

import batchnorm.codec.InferenceRequest;
import batchnorm.codec.InvalidField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which outputs a request wants, and which of them as bytes. Known before anything is computed: a
/// training step whose answer cannot be given is not made.
final class RequestedOutputs {
    static final String BINARY_OUTPUT = "binary_data_output";
    private static final List<String> NOT_OFFERED =
            List.of("classification", "shared_memory_region");

    private final Map<String, Boolean> binary = new LinkedHashMap<>();

    /// @throws InvalidField for an output that there is not, one that is asked for twice, and for
    ///   forms of answers that there are not
    static RequestedOutputs of(InferenceRequest request, InferOperation operation) {
        boolean allBinary = new RequestParameters(request.parameters()).bool(BINARY_OUTPUT, false);
        RequestedOutputs outputs = new RequestedOutputs();
        if (request.outputs().isEmpty()) {
            operation.outputs().forEach(name -> outputs.binary.put(name, allBinary));
        }
        for (InferenceRequest.Output wanted : request.outputs()) {
            outputs.add(wanted, operation, allBinary);
        }
        return outputs;
    }

    private void add(InferenceRequest.Output wanted, InferOperation operation, boolean otherwise) {
        Set<String> offered = operation.outputs();
        if (!offered.contains(wanted.name())) {
            throw new InvalidField(
                    "outputs",
                    "\"outputs\" names one that there is not; "
                            + operation.word()
                            + " has "
                            + String.join(", ", offered));
        }
        for (String form : NOT_OFFERED) {
            if (wanted.parameters().has(form)) {
                throw new InvalidField(
                        "outputs", "the parameter \"" + form + "\" of an output is not offered");
            }
        }
        boolean asBytes = new RequestParameters(wanted.parameters()).bool("binary_data", otherwise);
        if (binary.put(wanted.name(), asBytes) != null) {
            throw new InvalidField(
                    "outputs", "the output \"" + wanted.name() + "\" is asked for twice");
        }
    }

    /// By name, in order: whether it is wanted as bytes.
    Map<String, Boolean> binary() {
        return binary;
    }
}
