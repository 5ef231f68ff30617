package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Names that a server gives a meaning beyond the Open Inference Protocol. Each of them has one
/// place in a request; everywhere else it is refused, because to ignore it would change a result.
///
/// @param parameters of the request: texts, numbers or truth values
/// @param inputs names of inputs
/// @param masks those inputs whose datatype may be `BOOL`
public record InferenceTerms(Set<String> parameters, Set<String> inputs, Set<String> masks) {
    /// Whether a name is one of these.
    public boolean contains(String name) {
        return parameters.contains(name) || inputs.contains(name);
    }

    Set<String> all() {
        return Stream.concat(parameters.stream(), inputs.stream()).collect(Collectors.toSet());
    }

    /// A term that stands beside the fields of the request.
    InvalidField misplaced(String name) {
        String message =
                parameters.contains(name)
                        ? "\"%1$s\" goes into \"parameters\", {\"parameters\": {\"%1$s\": …}}"
                        : "\"%1$s\" is one of the \"inputs\", {\"name\": \"%1$s\", …}";
        return new InvalidField(name, message.formatted(name));
    }
}
