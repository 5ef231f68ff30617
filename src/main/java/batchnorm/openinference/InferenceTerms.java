package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Names with a meaning beyond the Open Inference Protocol. Each has one place in a request and is
/// rejected elsewhere, because ignoring it would change the result.
///
/// @param parameters of the request: texts, numbers or booleans
/// @param inputs names of inputs
/// @param masks inputs that may have the datatype `BOOL`
public record InferenceTerms(Set<String> parameters, Set<String> inputs, Set<String> masks) {
    /// Returns whether a name is reserved.
    public boolean contains(String name) {
        return parameters.contains(name) || inputs.contains(name);
    }

    Set<String> all() {
        return Stream.concat(parameters.stream(), inputs.stream()).collect(Collectors.toSet());
    }

    /// Returns the error for a reserved name beside the fields of the request.
    InvalidField misplaced(String name) {
        String message =
                parameters.contains(name)
                        ? "\"%1$s\" goes into \"parameters\", {\"parameters\": {\"%1$s\": …}}"
                        : "\"%1$s\" is one of the \"inputs\", {\"name\": \"%1$s\", …}";
        return new InvalidField(name, message.formatted(name));
    }
}
