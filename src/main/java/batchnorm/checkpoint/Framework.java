package batchnorm.checkpoint;

import batchnorm.codec.InvalidField;
import batchnorm.normalization.Convention;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a framework names the tensors of a batch-normalization layer. A tensor's name is the path of
/// its layer, a separator, and the word for the part: `layer1.0.bn1.running_mean`.
///
/// Written are the first word of each part and the first separator; read are all of them.
public enum Framework {
    /// `torch.nn.Module.state_dict`
    PYTORCH(
            Convention.PYTORCH,
            Absent.BOTH_OR_NEITHER,
            ".",
            "weight",
            "bias",
            "running_mean",
            "running_var",
            "num_batches_tracked"),
    /// `keras.Variable.path` in Keras 3
    KERAS(
            Convention.KERAS,
            Absent.LEFT_OUT,
            "/.",
            "gamma",
            "beta",
            "moving_mean",
            "moving_variance"),
    /// The inputs' names in the specification of BatchNormalization. In a file, initializers have
    /// the names that the exporter gave them: those of an export from PyTorch are PyTorch's.
    ONNX(Convention.ONNX, Absent.WRITTEN, "./_", "scale", "B", "input_mean", "input_var"),
    /// Variables of `tf.layers.batch_normalization`, also with the `:0` of their tensors.
    TENSORFLOW_1(
            Convention.TENSORFLOW_1,
            Absent.LEFT_OUT,
            "/.",
            "gamma",
            "beta",
            "moving_mean",
            "moving_variance"),
    /// `paddle.nn.Layer.state_dict`
    PADDLE(Convention.PADDLE, Absent.LEFT_OUT, ".", "weight", "bias", "_mean", "_variance"),
    /// `mxnet.gluon.Block.save_parameters`; read are also the names of the symbol API, with its
    /// `arg:` and `aux:`.
    MXNET(Convention.MXNET, Absent.WRITTEN, "._", "gamma", "beta", "running_mean", "running_var");

    /// What becomes of a gamma or beta that a layer does not have.
    enum Absent {
        /// The framework does without it too.
        LEFT_OUT,
        /// The framework has both or neither: the absent one of the two is written as the ones or
        /// zeros that it stands for.
        BOTH_OR_NEITHER,
        /// The framework always has both.
        WRITTEN
    }

    private final Convention convention;
    private final Absent absent;
    private final String separators;
    private final Map<Part, String> words = new EnumMap<>(Part.class);

    Framework(Convention convention, Absent absent, String separators, String... wordsOfParts) {
        this.convention = convention;
        this.absent = absent;
        this.separators = separators;
        Iterator<Part> parts = EnumSet.allOf(Part.class).iterator();
        for (String word : wordsOfParts) {
            words.put(parts.next(), word);
        }
    }

    /// As on the wire: `tensorflow-1`.
    public String word() {
        return convention.word();
    }

    /// What a layer of this framework is when nobody says otherwise.
    public Convention convention() {
        return convention;
    }

    Absent absent() {
        return absent;
    }

    /// Whether it counts the batches of a layer.
    boolean countsBatches() {
        return words.containsKey(Part.BATCHES);
    }

    /// What it calls a part.
    String wordOf(Part part) {
        return words.getOrDefault(part, part.field());
    }

    /// All that it calls a part, or has called it.
    private List<String> wordsOf(Part part) {
        String word = wordOf(part);
        return switch (this) {
            case MXNET -> List.of(word, word.replace("running", "moving"));
            default -> List.of(word);
        };
    }

    /// The tensor's name for a part of the layer at a path; of the file's only layer, the bare
    /// word.
    String name(String path, Part part) {
        String here = separators.charAt(0) == '/' ? path.replace('.', separators.charAt(0)) : path;
        return here.isEmpty() ? wordOf(part) : here + separators.charAt(0) + wordOf(part);
    }

    /// Which part of which layer a tensor is, by its name.
    Optional<Slot> slot(String name) {
        String plain = plain(name);
        for (Part part : words.keySet()) {
            for (String word : wordsOf(part)) {
                int separator = plain.length() - word.length() - 1;
                if (plain.equals(word)) {
                    return Optional.of(new Slot("", part));
                }
                if (separator >= 0
                        && plain.endsWith(word)
                        && separators.indexOf(plain.charAt(separator)) >= 0) {
                    return Optional.of(new Slot(plain.substring(0, separator), part));
                }
            }
        }
        return Optional.empty();
    }

    /// A tensor's name without what some writers put around it.
    String plain(String name) {
        return switch (this) {
            case TENSORFLOW_1 -> name.endsWith(":0") ? name.substring(0, name.length() - 2) : name;
            case MXNET ->
                    name.startsWith("arg:") || name.startsWith("aux:") ? name.substring(4) : name;
            default -> name;
        };
    }

    /// The words of all parts, for a sentence.
    String inWords() {
        return String.join(", ", words.values());
    }

    /// @throws InvalidField when there is no such framework
    public static Framework parse(String word) {
        return Arrays.stream(values())
                .filter(framework -> framework.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidField(
                                "framework",
                                "framework must be one of " + String.join(", ", allWords())));
    }

    /// The words of all frameworks.
    public static List<String> allWords() {
        return Arrays.stream(values()).map(Framework::word).toList();
    }

    /// A place for a tensor.
    ///
    /// @param path of its layer; empty when the name is the bare word
    record Slot(String path, Part part) {}
}
