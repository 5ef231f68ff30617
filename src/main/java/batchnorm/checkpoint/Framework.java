package batchnorm.checkpoint;

import batchnorm.codec.InvalidField;
import batchnorm.normalization.Convention;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How a framework names the tensors of a batch-normalization layer. A tensor's name is the path of
/// its layer, a separator, and the word for the part: `layer1.0.bn1.running_mean`.
///
/// Names are written with the first word of each part and the first separator; all of them are
/// read.
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
    /// `keras.Variable.path` in Keras 3; also read with the `:0` that Keras 2 has behind them, and
    /// by the numbers of weight files: `layers/bn/vars/0`.
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
    /// Variables of TensorFlow 1, also with the `:0` of their tensors.
    TENSORFLOW_1(
            Convention.TENSORFLOW_1,
            Absent.LEFT_OUT,
            "/.",
            "gamma",
            "beta",
            "moving_mean",
            "moving_variance"),
    /// `paddle.nn.Layer.state_dict`; also read by the numbers of static graphs: `batch_norm_0.w_1`.
    PADDLE(Convention.PADDLE, Absent.LEFT_OUT, ".", "weight", "bias", "_mean", "_variance"),
    /// `mxnet.gluon.Block.save_parameters`; read are also the names of the symbol API, with its
    /// `arg:` and `aux:`.
    MXNET(Convention.MXNET, Absent.WRITTEN, "._", "gamma", "beta", "running_mean", "running_var"),
    /// The variables of `flax.linen`, with the collections `params` and `batch_stats` in front;
    /// also read without a collection, as `flax.nnx` has them.
    FLAX(Convention.FLAX, Absent.LEFT_OUT, "/.", "scale", "bias", "mean", "var");

    private static final String PARAMS = "params";
    private static final String BATCH_STATS = "batch_stats";

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

    /// The numbered words: `vars/2` of Keras, `w_1` of Paddle.
    private static final Pattern NUMBERED =
            Pattern.compile("(.*[/.])?(vars[/.][0-3]|w_[0-2]|b_0)", Pattern.DOTALL);

    private static final Pattern FIFTH_VARIABLE =
            Pattern.compile("(?:(.*)[/.])?vars[/.]4", Pattern.DOTALL);

    /// The last collection of Flax in a name, as a whole component of the path.
    private static final Pattern COLLECTION =
            Pattern.compile("^(.*[/.]|)(" + PARAMS + "|" + BATCH_STATS + ")[/.]", Pattern.DOTALL);

    private final Convention convention;
    private final Absent absent;
    private final String separators;
    private final Map<TensorRole, String> words = new EnumMap<>(TensorRole.class);

    Framework(Convention convention, Absent absent, String separators, String... wordsOfParts) {
        this.convention = convention;
        this.absent = absent;
        this.separators = separators;
        Iterator<TensorRole> parts = EnumSet.allOf(TensorRole.class).iterator();
        for (String word : wordsOfParts) {
            words.put(parts.next(), word);
        }
    }

    /// As on the wire: `tensorflow-1`.
    public String word() {
        return convention.word();
    }

    /// The default knobs of a layer of this framework.
    public Convention convention() {
        return convention;
    }

    Absent absent() {
        return absent;
    }

    /// Whether it counts the batches of a layer.
    boolean countsBatches() {
        return words.containsKey(TensorRole.BATCHES);
    }

    /// What it calls a part.
    String wordOf(TensorRole part) {
        return words.getOrDefault(part, part.field());
    }

    /// All words for a part that are read.
    List<String> wordsOf(TensorRole part) {
        String word = wordOf(part);
        return switch (this) {
            case MXNET -> List.of(word, word.replace("running", "moving"));
            case KERAS -> List.of(word, "vars/" + variable(part), "vars." + variable(part));
            case PADDLE -> List.of(word, parameter(part));
            default -> List.of(word);
        };
    }

    /// The number of a part among the variables of a layer of Keras.
    private static int variable(TensorRole part) {
        return switch (part) {
            case GAMMA -> 0;
            case BETA -> 1;
            case RUNNING_MEAN -> 2;
            case RUNNING_VAR -> 3;
            case BATCHES -> throw new IllegalArgumentException("Keras counts no batches");
        };
    }

    /// The numbered name of a part in Paddle.
    private static String parameter(TensorRole part) {
        return switch (part) {
            case GAMMA -> "w_0";
            case BETA -> "b_0";
            case RUNNING_MEAN -> "w_1";
            case RUNNING_VAR -> "w_2";
            case BATCHES -> throw new IllegalArgumentException("Paddle counts no batches");
        };
    }

    /// Whether a part is known by a number, such as `vars/2`, which tensors of other layers have
    /// too.
    boolean isNumbered(String name) {
        return NUMBERED.matcher(plain(name)).matches() && (this == KERAS || this == PADDLE);
    }

    /// The path of a layer that has more variables than batch normalization, by the name of its
    /// fifth in Keras.
    Optional<String> pathOfFurtherVariable(String name, String prefix) {
        String plain = plain(name);
        if (this != KERAS || !plain.startsWith(prefix)) {
            return Optional.empty();
        }
        Matcher fifth = FIFTH_VARIABLE.matcher(plain.substring(prefix.length()));
        return fifth.matches()
                ? Optional.of(Objects.requireNonNullElse(fifth.group(1), ""))
                : Optional.empty();
    }

    /// The tensor's name for a part of the layer at a path; of the file's only layer, the bare
    /// word.
    String name(String path, TensorRole part) {
        String here = separators.charAt(0) == '/' ? path.replace('.', separators.charAt(0)) : path;
        String name = here.isEmpty() ? wordOf(part) : here + separators.charAt(0) + wordOf(part);
        return this == FLAX ? collection(part) + separators.charAt(0) + name : name;
    }

    private static String collection(TensorRole part) {
        return part == TensorRole.RUNNING_MEAN || part == TensorRole.RUNNING_VAR
                ? BATCH_STATS
                : PARAMS;
    }

    /// Which part of which layer a tensor is, by its name.
    Optional<Slot> slot(String name) {
        return slot(name, "");
    }

    /// Which part of which layer a tensor is, by what follows the prefix in its name.
    Optional<Slot> slot(String name, String prefix) {
        if (!plain(name).startsWith(prefix)) {
            return Optional.empty();
        }
        String plain = plain(name).substring(prefix.length());
        for (TensorRole part : words.keySet()) {
            for (String word : wordsOf(part)) {
                int separator = plain.length() - word.length() - 1;
                if (!mayHold(name, part)) {
                    continue;
                }
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

    /// Whether the collection in a name, if there is one, is the one of the part.
    private boolean mayHold(String name, TensorRole part) {
        String collection = this == FLAX ? collectionOf(name) : "";
        return collection.isEmpty() || collection.equals(collection(part));
    }

    /// The collection of Flax that is in a name; empty when there is none.
    static String collectionOf(String name) {
        Matcher collection = COLLECTION.matcher(name);
        return collection.find() ? collection.group(2) : "";
    }

    /// A tensor's name without what some writers put around it.
    String plain(String name) {
        return switch (this) {
            case FLAX -> COLLECTION.matcher(name).replaceFirst("$1");
            case KERAS, TENSORFLOW_1 ->
                    name.endsWith(":0") ? name.substring(0, name.length() - 2) : name;
            case MXNET ->
                    name.startsWith("arg:") || name.startsWith("aux:") ? name.substring(4) : name;
            default -> name;
        };
    }

    /// The words of a part, for a sentence.
    String inWords(TensorRole part) {
        return wordsOf(part).stream().distinct().limit(2).collect(Collectors.joining(" or "));
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
    record Slot(String path, TensorRole part) {}
}
