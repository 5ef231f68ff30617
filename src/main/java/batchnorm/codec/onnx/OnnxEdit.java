package batchnorm.codec.onnx;

import batchnorm.codec.Codec;
import batchnorm.codec.onnx.Content.Replacements;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Changes of a model's main graph. Fields that are not changed keep their bytes and their order.
public final class OnnxEdit {
    private static final int NODE = 1;
    private static final int INITIALIZER = 5;
    private static final int ATTRIBUTE = 5;
    private static final int TENSOR = 5;
    private static final int GRAPH = 7;
    private static final int INPUT = 11;

    private final OnnxModel model;
    private final ScratchFile scratch;
    private final Codec.Limits limits;
    private final Replacements fields = new Replacements();

    /// Elements of changed tensors, by the offset of the tensor.
    private final Map<Integer, Elements> changed = new HashMap<>();

    private final Map<Integer, OnnxTensor> changedTensors = new LinkedHashMap<>();
    private final Map<String, Tensor> added = new LinkedHashMap<>();

    public OnnxEdit(OnnxModel model, ScratchFile scratch, Codec.Limits limits) {
        this.model = model;
        this.scratch = scratch;
        this.limits = limits;
    }

    /// Counts memory for arrays of the caller.
    public void reserve(long bytes) {
        limits.memory().reserve(bytes);
    }

    /// Reads the elements of a tensor as they are now.
    public Tensor read(OnnxTensor tensor) throws IOException {
        return TensorReader.read(elements(tensor), tensor, limits);
    }

    private Elements elements(OnnxTensor tensor) throws IOException {
        Elements now = changed.get(tensor.place().start());
        return now == null ? model.elements(tensor, limits.memory()) : now;
    }

    /// Replaces the elements of a tensor. They keep their form: bytes, or numbers.
    ///
    /// @param values as many as the tensor has, of its type
    public void replace(OnnxTensor tensor, Tensor values) throws IOException {
        Elements old = elements(tensor);
        int start = tensor.place().start();
        changed.put(start, scratch.write(values, old.number(), old));
        changedTensors.put(start, tensor);
    }

    /// Adds an initializer, or replaces one that was added.
    public void put(String name, Tensor values) {
        added.put(name, values);
    }

    /// Returns an initializer that was added.
    public @Nullable Tensor added(String name) {
        return added.get(name);
    }

    public void drop(OnnxTensor initializer) {
        changedTensors.remove(initializer.place().start());
        fields.drop(initializer.place());
    }

    public void drop(OnnxValue declaration) {
        fields.drop(declaration.place());
    }

    public void remove(String addedInitializer) {
        added.remove(addedInitializer);
    }

    /// Replaces a node by others.
    ///
    /// @param nodes in order
    public void replace(OnnxNode node, List<NewNode> nodes) throws IOException {
        Content content = new Content();
        for (NewNode each : nodes) {
            content.add(each.field(model.file()));
        }
        fields.put(node.place(), content);
    }

    /// A node of the changed graph.
    public sealed interface NewNode {
        Content field(FileChannel file) throws IOException;
    }

    /// A node of the file with other inputs, outputs, or fewer attributes.
    ///
    /// @param inputs at least as many as it had
    /// @param outputs as many as it had
    public record Rewired(
            OnnxNode node, List<String> inputs, List<String> outputs, Set<String> dropped)
            implements NewNode {

        @Override
        public Content field(FileChannel file) throws IOException {
            Replacements changes = new Replacements();
            Field place = node.place();
            FieldReader reader =
                    new FieldReader(
                            FilePart.of(file, place).open(),
                            place.content(),
                            place.length(),
                            bytes -> {});
            int[] seen = {0, 0};
            reader.root(number -> {
                if (number == 1) {
                    changes.put(reader.field(), input(seen[0]++));
                } else if (number == 2) {
                    changes.put(reader.field(), Messages.text(2, outputs.get(seen[1]++)));
                }
            });
            for (String name : dropped) {
                OnnxAttribute attribute = node.attributes().get(name);
                if (attribute != null) {
                    changes.drop(attribute.place());
                }
            }
            return Content.spliced(file, place.content(), place.end(), changes).asField(NODE);
        }

        /// Returns an input, and behind the last one of the file the others.
        private Content input(int index) throws IOException {
            Content content = Messages.text(1, inputs.get(index));
            for (int i = node.inputs().size();
                    index == node.inputs().size() - 1 && i < inputs.size();
                    i++) {
                content.add(Messages.text(1, inputs.get(i)));
            }
            return content;
        }
    }

    /// A node of one of ONNX's own operators without attributes.
    public record Added(String operator, String name, List<String> inputs, List<String> outputs)
            implements NewNode {

        @Override
        public Content field(FileChannel file) throws IOException {
            Content content = new Content();
            for (String input : inputs) {
                content.add(Messages.text(1, input));
            }
            for (String output : outputs) {
                content.add(Messages.text(2, output));
            }
            return content.add(Messages.text(3, name))
                    .add(Messages.text(4, operator))
                    .asField(NODE);
        }
    }

    /// Returns the changed model.
    public Content finish() throws IOException {
        for (OnnxTensor tensor : changedTensors.values()) {
            replaceField(tensor);
        }
        Field place = model.place();
        FileChannel file = model.file();
        Content graph = Content.spliced(file, place.content(), place.end(), fields);
        for (Map.Entry<String, Tensor> each : added.entrySet()) {
            graph.add(Messages.tensor(each.getKey(), each.getValue()).asField(INITIALIZER));
            if (model.areInitializersInputs()) {
                DataType type = each.getValue().dataType();
                Shape shape = each.getValue().shape();
                graph.add(Messages.value(each.getKey(), type, shape).asField(INPUT));
            }
        }
        return Content.of(new FilePart(file, 0, place.start()))
                .add(graph.asField(GRAPH))
                .add(new FilePart(file, place.end(), file.size() - place.end()));
    }

    /// Replaces the field of the graph in which a changed tensor is: itself, or its node.
    private void replaceField(OnnxTensor tensor) throws IOException {
        FileChannel file = model.file();
        Elements old = model.elements(tensor, limits.memory());
        Elements now = elements(tensor);
        Replacements data = new Replacements();
        old.places().forEach(data::drop);
        data.put(
                old.places().getFirst(),
                Content.of(FilePart.of(now.file(), now.places().getFirst())).asField(now.number()));
        Field place = tensor.place();
        Content content = Content.spliced(file, place.content(), place.end(), data);
        List<Field> path = tensor.path();
        for (int outer = path.size() - 2; outer >= 0; outer--) {
            Replacements inner = new Replacements();
            inner.put(
                    path.get(outer + 1),
                    content.asField(outer == path.size() - 2 ? TENSOR : ATTRIBUTE));
            Field around = path.get(outer);
            content = Content.spliced(file, around.content(), around.end(), inner);
        }
        Field outermost = path.getFirst();
        fields.put(outermost, content.asField(outermost.number()));
    }
}
