package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.json.LenientJsonReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The fields that the inputs and requested outputs of an inference request share.
final class NamedTensor {
    static final String BINARY_SIZE = "binary_data_size";
    static final String SHARED_MEMORY = "shared_memory_region";

    /// Tensor parameters of the protocol's extensions.
    private static final Set<String> KNOWN =
            Set.of(BINARY_SIZE, SHARED_MEMORY, "binary_data", "classification");

    private final LenientJsonReader json;
    private final InferenceTerms terms;
    private @Nullable String name;
    private Message parameters = new Message();

    /// `inputs[0]`
    final String path;

    NamedTensor(LenientJsonReader json, InferenceTerms terms, String path) {
        this.json = json;
        this.terms = terms;
        this.path = path;
    }

    Map<String, LenientJsonReader.Field> fields() {
        Map<String, LenientJsonReader.Field> fields = new HashMap<>();
        fields.put("name", () -> name = json.text(path + ".name"));
        fields.put("parameters", this::readParameters);
        return fields;
    }

    private void readParameters() throws IOException {
        parameters = json.parameters(path + ".parameters", KNOWN, this::requireOwn);
    }

    private void requireOwn(String parameter) {
        if (terms.contains(parameter)) {
            throw new InvalidField(
                    path + ".parameters." + parameter,
                    "\"%s\" belongs to the \"parameters\" of the request, not of %s"
                            .formatted(parameter, path));
        }
    }

    Message parameters() {
        return parameters;
    }

    /// Returns whether the name has been read.
    boolean isNamed() {
        return name != null;
    }

    boolean isMask() {
        return name != null && terms.masks().contains(name);
    }

    /// @throws InvalidField without a name
    String require() {
        if (name == null) {
            throw new InvalidField(path + ".name", path + " needs a \"name\"");
        }
        return name;
    }
}
