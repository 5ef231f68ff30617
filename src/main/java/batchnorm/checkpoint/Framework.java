package batchnorm.checkpoint;

import batchnorm.codec.FileFormat;
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
import org.jspecify.annotations.Nullable;

/// The names of batch-normalization tensors in a framework. A tensor's name is the path of its
/// layer, a separator, and the word for its role: `layer1.0.bn1.running_mean`.
///
/// Writing uses the first word of each role and the first separator; reading accepts all of them.
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
    /// `keras.Variable.path` in Keras 3. Reading also accepts the `:0` suffix of Keras 2 and the
    /// numbers of weight files: `layers/bn/vars/0`.
    KERAS(
            Convention.KERAS,
            Absent.LEFT_OUT,
            "/.",
            "gamma",
            "beta",
            "moving_mean",
            "moving_variance"),
    /// The input names of the BatchNormalization specification. In a file, the exporter names the
    /// initializers: an export from PyTorch has PyTorch's names.
    ONNX(Convention.ONNX, Absent.WRITTEN, "./_", "scale", "B", "input_mean", "input_var"),
    /// Variables of TensorFlow 1, optionally with the `:0` of their tensors.
    TENSORFLOW_1(
            Convention.TENSORFLOW_1,
            Absent.LEFT_OUT,
            "/.",
            "gamma",
            "beta",
            "moving_mean",
            "moving_variance"),
    /// `paddle.nn.Layer.state_dict`. Reading also accepts the numbers of static graphs:
    /// `batch_norm_0.w_1`.
    PADDLE(Convention.PADDLE, Absent.LEFT_OUT, ".", "weight", "bias", "_mean", "_variance"),
    /// `mxnet.gluon.Block.save_parameters`. Reading also accepts the names of the symbol API, with
    /// `arg:` and `aux:`.
    MXNET(Convention.MXNET, Absent.WRITTEN, "._", "gamma", "beta", "running_mean", "running_var"),
    /// The variables of `flax.linen`, prefixed by the collections `params` and `batch_stats`.
    /// Reading also accepts names without a collection, as in `flax.nnx`.
    FLAX(Convention.FLAX, Absent.LEFT_OUT, "/.", "scale", "bias", "mean", "var");

    private static final String PARAMS = "params";
    private static final String BATCH_STATS = "batch_stats";

    /// How to write a gamma or beta that a layer does not have.
    enum Absent {
        /// Omitted.
        LEFT_OUT,
        /// Omitted if both are absent; otherwise written as ones or zeros.
        BOTH_OR_NEITHER,
        /// Always written as ones or zeros.
        WRITTEN
    }

    /// Numbered names: `vars/2` of Keras, `w_1` of Paddle.
    private static final Pattern NUMBERED =
            Pattern.compile("(.*[/.])?(vars[/.][0-3]|w_[0-2]|b_0)", Pattern.DOTALL);

    private static final Pattern FIFTH_VARIABLE =
            Pattern.compile("(?:(.*)[/.])?vars[/.]4", Pattern.DOTALL);

    /// The last Flax collection in a name, as a whole path component.
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

    /// Returns the name in requests, such as `tensorflow-1`.
    public String word() {
        return convention.word();
    }

    /// Returns the default knobs of a layer of this framework.
    public Convention convention() {
        return convention;
    }

    Absent absent() {
        return absent;
    }

    /// Returns whether the framework counts the batches of a layer.
    public boolean countsBatches() {
        return words.containsKey(TensorRole.BATCHES);
    }

    /// Returns the framework's word for a role.
    String wordOf(TensorRole part) {
        return words.getOrDefault(part, part.field());
    }

    /// Returns all words for a role that reading accepts.
    List<String> wordsOf(TensorRole part) {
        String word = wordOf(part);
        return switch (this) {
            case MXNET -> List.of(word, word.replace("running", "moving"));
            case KERAS -> List.of(word, "vars/" + variable(part), "vars." + variable(part));
            case PADDLE -> List.of(word, parameter(part));
            default -> List.of(word);
        };
    }

    /// Returns the number of a role among the variables of a Keras layer.
    private static int variable(TensorRole part) {
        return switch (part) {
            case GAMMA -> 0;
            case BETA -> 1;
            case RUNNING_MEAN -> 2;
            case RUNNING_VAR -> 3;
            case BATCHES -> throw new IllegalArgumentException("Keras counts no batches");
        };
    }

    /// Returns the numbered name of a role in Paddle.
    private static String parameter(TensorRole part) {
        return switch (part) {
            case GAMMA -> "w_0";
            case BETA -> "b_0";
            case RUNNING_MEAN -> "w_1";
            case RUNNING_VAR -> "w_2";
            case BATCHES -> throw new IllegalArgumentException("Paddle counts no batches");
        };
    }

    /// Returns whether a name is numbered, such as `vars/2`. Tensors of other layers have such
    /// names, too.
    boolean isNumbered(String name) {
        return NUMBERED.matcher(plain(name)).matches() && (this == KERAS || this == PADDLE);
    }

    /// Returns the path of the layer if the name is a fifth Keras variable, which batch
    /// normalization does not have.
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

    /// Returns the tensor name of a role in the layer at a path. An empty path yields the bare
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

    /// Returns the layer path and role of a tensor name.
    Optional<Slot> slot(String name) {
        return slot(name, "");
    }

    /// Returns the layer path and role of a tensor name after the prefix.
    Optional<Slot> slot(String name, String prefix) {
        if (!plain(name).startsWith(prefix)) {
            return Optional.empty();
        }
        String plain = plain(name).substring(prefix.length());
        for (TensorRole part : words.keySet()) {
            for (String word : wordsOf(part)) {
                int separator = plain.length() - word.length() - 1;
                if (!isCollectionOf(name, part)) {
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

    /// Returns whether the collection in a name, if any, matches the role.
    private boolean isCollectionOf(String name, TensorRole part) {
        String collection = this == FLAX ? collectionOf(name) : "";
        return collection.isEmpty() || collection.equals(collection(part));
    }

    /// Returns the Flax collection in a name; empty if there is none.
    static String collectionOf(String name) {
        Matcher collection = COLLECTION.matcher(name);
        return collection.find() ? collection.group(2) : "";
    }

    /// Returns a tensor's name without the prefixes and suffixes of some writers.
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

    /// Returns the words of a role for a message.
    String inWords(TensorRole part) {
        return wordsOf(part).stream().distinct().limit(2).collect(Collectors.joining(" or "));
    }

    /// Returns the words of all roles for a message.
    String inWords() {
        return String.join(", ", words.values());
    }

    /// @throws InvalidField for an unknown framework
    public static Framework parse(String word) {
        return Arrays.stream(values())
                .filter(framework -> framework.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidField(
                                "framework",
                                "framework must be one of " + String.join(", ", allWords())));
    }

    /// Returns the framework whose program alone writes a format; null for a format of several.
    static @Nullable Framework of(FileFormat format) {
        return switch (format) {
            case KERAS, KERAS_WEIGHTS, KERAS_LEGACY -> KERAS;
            case ONNX -> ONNX;
            default -> null;
        };
    }

    /// Returns the words of all frameworks.
    public static List<String> allWords() {
        return Arrays.stream(values()).map(Framework::word).toList();
    }

    /// The place of a tensor.
    ///
    /// @param path of its layer; empty when the name is the bare word
    record Slot(String path, TensorRole part) {}
}
