package batchnorm.codec.onnx;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.tensor.Shape;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the messages of `onnx.proto` by the numbers of their fields. Other fields are skipped.
final class ModelReader {
    /// Integers of one attribute: more than pads of a tensor of the highest rank.
    private static final int MAX_INTEGERS = 1 << 10;

    /// More than the longest keyword of an attribute that matters here.
    private static final int MAX_KEYWORD = 64;

    /// The place of an external tensor's elements.
    private static final int EXTERNAL_LOCATION = 1;

    private final FileChannel file;
    private final FieldReader reader;
    private long irVersion;
    private long opset;
    private boolean hasTraining;
    private @Nullable OnnxGraph graph;
    private @Nullable Field place;

    ModelReader(FileChannel file, Codec.Memory memory) throws IOException {
        this.file = file;
        if (file.size() > Integer.MAX_VALUE) {
            throw OnnxModel.malformed("a message of Protocol Buffers has at most 2 GB");
        }
        int size = (int) file.size();
        this.reader = new FieldReader(new FilePart(file, 0, size).open(), 0, size, memory);
    }

    /// @throws MalformedTensor for an inconsistent file
    OnnxModel read() throws IOException {
        reader.root(number -> {
            switch (number) {
                case 1 -> irVersion = reader.integer();
                case 7 -> {
                    if (place != null) {
                        throw reader.malformed("the model has two graphs");
                    }
                    place = reader.field();
                    graph = graph("the graph");
                }
                case 8 -> readOperators();
                case 20 -> hasTraining = true;
                default -> {}
            }
        });
        if (graph == null || place == null) {
            throw OnnxModel.malformed("it has no graph");
        }
        return new OnnxModel(file, irVersion, opset, hasTraining, graph, place);
    }

    private void readOperators() throws IOException {
        StringBuilder domain = new StringBuilder();
        long[] version = {0};
        reader.message(
                "the operators",
                number -> {
                    switch (number) {
                        case 1 -> domain.append(reader.name());
                        case 2 -> version[0] = reader.integer();
                        default -> {}
                    }
                });
        if (domain.isEmpty() || domain.toString().equals("ai.onnx")) {
            opset = version[0];
        }
    }

    private OnnxGraph graph(String name) throws IOException {
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, OnnxTensor> initializers = new LinkedHashMap<>();
        Map<String, OnnxValue> inputs = new LinkedHashMap<>();
        Map<String, OnnxValue> outputs = new LinkedHashMap<>();
        Map<String, OnnxValue> values = new LinkedHashMap<>();
        List<String> annotated = new ArrayList<>();
        reader.message(
                name,
                number -> {
                    switch (number) {
                        case 1 -> nodes.add(node());
                        case 5 -> {
                            OnnxTensor tensor =
                                    tensor("initializer " + initializers.size(), List.of());
                            putNew(initializers, tensor.name(), tensor);
                        }
                        case 11 -> addValue(inputs);
                        case 12 -> addValue(outputs);
                        case 13 -> addValue(values);
                        case 14 -> readAnnotation(annotated);
                        case 15 -> annotated.add(sparseTensor());
                        default -> {}
                    }
                });
        return new OnnxGraph(nodes, initializers, inputs, outputs, values, annotated);
    }

    private void addValue(Map<String, OnnxValue> values) throws IOException {
        OnnxValue value = value();
        putNew(values, value.name(), value);
    }

    private <T> void putNew(Map<String, T> all, String name, T added) {
        if (all.put(name, added) != null) {
            throw reader.malformed(
                    "two initializers, inputs, outputs or declarations are named "
                            + QuotedInput.of(name));
        }
    }

    private void readAnnotation(List<String> annotated) throws IOException {
        reader.message(
                "an annotation",
                number -> {
                    switch (number) {
                        case 1 -> annotated.add(reader.name());
                        case 2 ->
                                reader.message(
                                        "a parameter",
                                        field -> {
                                            if (field == 2) {
                                                annotated.add(reader.name());
                                            }
                                        });
                        default -> {}
                    }
                });
    }

    private String sparseTensor() throws IOException {
        StringBuilder name = new StringBuilder();
        reader.message(
                "a sparse initializer",
                number -> {
                    if (number == 1) {
                        name.append(tensor("its values", List.of()).name());
                    }
                });
        return name.toString();
    }

    private OnnxNode node() throws IOException {
        Field node = reader.field();
        reader.count(1);
        NodeFields fields = new NodeFields();
        reader.message(
                "a node",
                number -> {
                    switch (number) {
                        case 1 -> fields.inputs.add(reader.name());
                        case 2 -> fields.outputs.add(reader.name());
                        case 3 -> fields.name = reader.name();
                        case 4 -> fields.operator = reader.name();
                        case 5 -> readAttribute(node, fields);
                        case 7 -> fields.domain = reader.name();
                        default -> {}
                    }
                });
        return new OnnxNode(
                fields.name,
                fields.operator,
                fields.domain,
                fields.inputs,
                fields.outputs,
                fields.attributes,
                fields.constant,
                fields.graphs,
                node);
    }

    private static final class NodeFields {
        private String name = "";
        private String operator = "";
        private String domain = "";
        private final List<String> inputs = new ArrayList<>();
        private final List<String> outputs = new ArrayList<>();
        private final Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
        private final List<OnnxGraph> graphs = new ArrayList<>();
        private @Nullable OnnxTensor constant;
    }

    private void readAttribute(Field node, NodeFields fields) throws IOException {
        Field attribute = reader.field();
        AttributeFields read = new AttributeFields();
        reader.message(
                "an attribute",
                number -> {
                    switch (number) {
                        case 1 -> read.name = reader.name();
                        case 2 -> read.number = reader.number();
                        case 3 -> read.integer = reader.integer();
                        case 4 -> read.text = keyword();
                        case 5 -> read.tensor = tensor("its tensor", List.of(node, attribute));
                        case 6, 11 -> fields.graphs.add(graph("its graph"));
                        case 8 -> reader.integers(read.integers, MAX_INTEGERS);
                        default -> {}
                    }
                });
        if (read.name.equals("value")) {
            fields.constant = read.tensor;
        }
        fields.attributes.put(
                read.name,
                new OnnxAttribute(
                        read.name, read.number, read.integer, read.text, read.integers, attribute));
    }

    private static final class AttributeFields {
        private String name = "";
        private double number;
        private long integer;
        private String text = "";
        private final List<Long> integers = new ArrayList<>();
        private @Nullable OnnxTensor tensor;
    }

    /// Reads a short text; a longer one is none of the words that matter here.
    private String keyword() throws IOException {
        return reader.field().length() > MAX_KEYWORD ? "" : reader.name();
    }

    private OnnxTensor tensor(String what, List<Field> path) throws IOException {
        List<Field> whole = new ArrayList<>(path);
        whole.add(reader.field());
        reader.count(1);
        TensorFields fields = new TensorFields();
        reader.message(
                what,
                number -> {
                    switch (number) {
                        case 1 -> reader.integers(fields.dimensions, Shape.MAX_RANK);
                        case 2 -> fields.elementType = (int) reader.integer();
                        case 3 -> fields.isSegment = true;
                        case 8 -> fields.name = reader.name();
                        case 14 -> fields.isExternal = reader.integer() == EXTERNAL_LOCATION;
                        default -> {}
                    }
                });
        return new OnnxTensor(
                fields.name,
                fields.dimensions,
                fields.elementType,
                fields.unreadable(),
                fields.isExternal,
                whole);
    }

    private static final class TensorFields {
        private String name = "";
        private final List<Long> dimensions = new ArrayList<>();
        private int elementType;
        private boolean isExternal;
        private boolean isSegment;

        private @Nullable String unreadable() {
            if (isExternal) {
                return OnnxModel.EXTERNAL;
            }
            if (isSegment) {
                return "it is a segment of a tensor";
            }
            return switch (elementType) {
                case OnnxTensor.FLOAT, OnnxTensor.FLOAT16, OnnxTensor.DOUBLE, OnnxTensor.BFLOAT16 ->
                        null;
                default ->
                        "its elements are of type %d of ONNX, and not FLOAT, DOUBLE, FLOAT16 or BFLOAT16"
                                .formatted(elementType);
            };
        }
    }

    private OnnxValue value() throws IOException {
        Field value = reader.field();
        reader.count(1);
        String[] name = {""};
        int[] rank = {OnnxValue.UNKNOWN};
        reader.message(
                "a declaration",
                number -> {
                    switch (number) {
                        case 1 -> name[0] = reader.name();
                        case 2 -> rank[0] = rank();
                        default -> {}
                    }
                });
        return new OnnxValue(name[0], rank[0], value);
    }

    /// Reads the number of dimensions of a type.
    private int rank() throws IOException {
        int[] rank = {OnnxValue.UNKNOWN};
        reader.message(
                "its type",
                type -> {
                    if (type == 1) {
                        reader.message(
                                "its tensor type",
                                field -> {
                                    if (field == 2) {
                                        rank[0] = 0;
                                        reader.message(
                                                "its shape",
                                                dimension -> {
                                                    rank[0] += dimension == 1 ? 1 : 0;
                                                });
                                    }
                                });
                    }
                });
        return rank[0];
    }
}
