package batchnorm.openinference;

import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.body.BodySection;
import batchnorm.codec.json.LenientJsonReader;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads inference requests of the Open Inference Protocol. The binary tensor data extension puts
/// bytes after the JSON object. They belong to the inputs with a `binary_data_size`, in their
/// order, little-endian and row-major.
public final class InferenceReader {
    /// The HTTP header with the length of the JSON.
    public static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    private static final int MAX_TENSORS = 16;

    private final InputStream body;
    private final long bodyLength;
    private final BodySection header;
    private final Codec.Limits limits;
    private final InferenceTerms terms;
    private final LenientJsonReader json;

    private @Nullable String id;
    private Message parameters = new Message();
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, InferenceInput> pending = new LinkedHashMap<>();
    private final List<InferenceRequest.Output> outputs = new ArrayList<>();
    private boolean hasInputs;

    private InferenceReader(
            InputStream body,
            long headerLength,
            long bodyLength,
            Codec.Limits limits,
            InferenceTerms terms) {
        this.body = body;
        this.terms = terms;
        this.bodyLength = bodyLength;
        this.header = new BodySection(body, headerLength);
        this.limits = limits;
        this.json = new LenientJsonReader(header, limits);
    }

    /// Reads a whole body.
    ///
    /// @param headerLength bytes of the JSON; negative if nothing follows it
    /// @param bodyLength bytes of the body; negative if unknown
    /// @param terms reserved names, rejected outside their places
    /// @throws MalformedJson, MalformedTensor, InvalidField, BodyTooLarge
    public static InferenceRequest read(
            InputStream body,
            long headerLength,
            long bodyLength,
            Codec.Limits limits,
            InferenceTerms terms)
            throws IOException {
        if (bodyLength >= 0 && headerLength > bodyLength) {
            throw new InvalidField(
                    HEADER_LENGTH,
                    "%s is %d, but the body has only %d bytes"
                            .formatted(HEADER_LENGTH, headerLength, bodyLength));
        }
        InferenceReader reader = new InferenceReader(body, headerLength, bodyLength, limits, terms);
        InferenceRequest request = reader.read();
        reader.json.reader.finish();
        return request;
    }

    /// Reads a body of parameters only, or an empty one.
    ///
    /// @param names receives each name before its value is read; may throw
    /// @throws MalformedJson, InvalidField
    public static void readParameterNames(
            InputStream body, Codec.Limits limits, Consumer<String> names) throws IOException {
        LenientJsonReader json = new LenientJsonReader(body, limits);
        if (!json.reader.atEnd()) {
            LenientJsonReader.Field parameters =
                    () -> json.parameters("parameters", Set.of(), names);
            json.object("", Map.of("parameters", parameters));
            if (!json.reader.atEnd()) {
                throw json.reader.unexpected("expected the end of the JSON after the object");
            }
        }
        json.reader.finish();
    }

    private InferenceRequest read() throws IOException {
        Map<String, LenientJsonReader.Field> fields = new HashMap<>();
        terms.all()
                .forEach(term ->
                        fields.put(
                                term,
                                () -> {
                                    throw terms.misplaced(term);
                                }));
        fields.put("id", () -> id = json.text("id"));
        fields.put("parameters", this::parameters);
        fields.put("inputs", () -> json.array("inputs", MAX_TENSORS, this::input));
        fields.put("outputs", () -> json.array("outputs", MAX_TENSORS, this::output));
        json.object("", fields);
        if (!json.reader.atEnd()) {
            throw json.reader.unexpected("expected the end of the JSON after the object");
        }
        header.requireEnd(HEADER_LENGTH);
        if (!hasInputs) {
            throw new InvalidField("inputs", "\"inputs\" is required, and holds one input or more");
        }
        readBinary();
        return new InferenceRequest(id, parameters, inputs, outputs);
    }

    private void parameters() throws IOException {
        parameters = json.parameters("parameters", terms.all(), name -> {});
    }

    private void input(int index) throws IOException {
        hasInputs = true;
        InferenceInput input = new InferenceInput(json, limits, terms, "inputs[" + index + "]");
        String name = input.read(header.length >= 0);
        if (inputs.containsKey(name) || pending.containsKey(name)) {
            throw new InvalidField(
                    "inputs[" + index + "]",
                    "the input \"" + QuotedInput.cut(name) + "\" is given twice");
        }
        Tensor tensor = input.tensor();
        if (tensor == null) {
            pending.put(name, input);
        } else {
            inputs.put(name, tensor);
        }
    }

    private void output(int index) throws IOException {
        NamedTensor output = new NamedTensor(json, terms, "outputs[" + index + "]");
        json.object(output.path, output.fields());
        outputs.add(new InferenceRequest.Output(output.require(), output.parameters()));
    }

    /// Reads the bytes after the JSON. Their announced length is checked first.
    private void readBinary() throws IOException {
        if (header.length < 0) {
            return;
        }
        long expected = pending.values().stream().mapToLong(InferenceInput::bytes).sum();
        if (bodyLength >= 0 && bodyLength - header.length != expected) {
            throw new MalformedTensor(
                    "inputs",
                    "behind the JSON come %d bytes, but the inputs take %d"
                            .formatted(bodyLength - header.length, expected));
        }
        BinaryBody binary = new BinaryBody(body, "the binary data", expected);
        for (Map.Entry<String, InferenceInput> next : pending.entrySet()) {
            InferenceInput input = Objects.requireNonNull(next.getValue());
            inputs.put(next.getKey(), input.read(binary));
        }
        binary.requireEnd();
    }
}
