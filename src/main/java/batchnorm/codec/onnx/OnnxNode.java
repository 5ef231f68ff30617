package batchnorm.codec.onnx;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A node of a graph.
///
/// @param domain of its operator; empty for ONNX's own
/// @param inputs names of values; empty where an optional one is absent
/// @param attributes by name
/// @param constant the tensor of a Constant node
/// @param graphs of its attributes, such as the branches of an If
/// @param place in its graph
public record OnnxNode(
        String name,
        String operator,
        String domain,
        List<String> inputs,
        List<String> outputs,
        Map<String, OnnxAttribute> attributes,
        @Nullable OnnxTensor constant,
        List<OnnxGraph> graphs,
        Field place) {
    private static final String OWN_DOMAIN = "ai.onnx";

    /// Returns whether it is of one of ONNX's own operators.
    public boolean is(String... operators) {
        return (domain.isEmpty() || domain.equals(OWN_DOMAIN))
                && List.of(operators).contains(operator);
    }

    /// Returns its name; its first output's where it has none.
    public String label() {
        return name.isEmpty() && !outputs.isEmpty() ? outputs.getFirst() : name;
    }

    /// Returns the name of an input; empty if it is absent.
    public String input(int index) {
        return index < inputs.size() ? inputs.get(index) : "";
    }

    /// Returns the name of an output; empty if it is absent.
    public String output(int index) {
        return index < outputs.size() ? outputs.get(index) : "";
    }

    public double number(String attribute, double otherwise) {
        OnnxAttribute found = attributes.get(attribute);
        return found == null ? otherwise : found.number();
    }

    public long integer(String attribute, long otherwise) {
        OnnxAttribute found = attributes.get(attribute);
        return found == null ? otherwise : found.integer();
    }

    public List<Long> integers(String attribute) {
        OnnxAttribute found = attributes.get(attribute);
        return found == null ? List.of() : found.integers();
    }

    public String text(String attribute, String otherwise) {
        OnnxAttribute found = attributes.get(attribute);
        return found == null ? otherwise : found.text();
    }
}
