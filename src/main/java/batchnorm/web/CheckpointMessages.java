package batchnorm.web;

import batchnorm.checkpoint.Export;
import batchnorm.checkpoint.Framework;
import batchnorm.checkpoint.Import;
import batchnorm.checkpoint.ImportReport;
import batchnorm.checkpoint.ImportReport.FoundLayer;
import batchnorm.checkpoint.ImportReport.Note;
import batchnorm.checkpoint.ImportReport.Skipped;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.tensor.DataType;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Messages about checkpoints as what they ask for, and what was found in one as a message.
final class CheckpointMessages {
    private static final int MAX_LAYERS = 1000;
    private static final int MAX_PREFIX = 256;
    private static final Pattern COMMA = Pattern.compile(",");

    private CheckpointMessages() {}

    static Export export(Message query) {
        return new Export(
                Framework.parse(query.requireText("framework")),
                prefix(query),
                dataType(query.text("datatype")),
                query.bool("exact", false));
    }

    private static DataType dataType(@Nullable String word) {
        return switch (word) {
            case null -> DataType.FP32;
            case "FP32" -> DataType.FP32;
            case "FP64" -> DataType.FP64;
            default -> throw new InvalidField("datatype", "\"datatype\" must be FP32 or FP64");
        };
    }

    /// The layers that a query lists, one by one or by how their names begin: `resnet.*`. Each
    /// pattern that another one covers is not searched again.
    static Set<LayerName> names(Message query, Layers layers) {
        NavigableSet<LayerName> names = new TreeSet<>();
        NavigableSet<String> beginnings = new TreeSet<>();
        String[] words = COMMA.split(query.requireText("names"), MAX_LAYERS + 1);
        if (words.length > MAX_LAYERS) {
            throw tooMany();
        }
        for (String word : words) {
            if (word.endsWith("*")) {
                beginnings.add(word.substring(0, word.length() - 1));
            } else {
                names.add(new LayerName(word));
            }
        }
        addMatches(beginnings, names, layers);
        return names;
    }

    /// @param beginnings sorted, so that one that covers others comes right before them
    private static void addMatches(
            NavigableSet<String> beginnings, Set<LayerName> names, Layers layers) {
        NavigableSet<LayerName> covered = new TreeSet<>();
        String covering = null;
        for (String beginning : beginnings) {
            if (covering == null || !beginning.startsWith(covering)) {
                covering = beginning;
                covered.clear();
                covered.addAll(layers.under(beginning, MAX_LAYERS + 1));
            }
            if (!matches(beginning, covered)) {
                throw new InvalidField(
                        "names", "no layer has a name that begins so: " + beginning + "*");
            }
            names.addAll(beginning.equals(covering) ? covered : Set.of());
            if (names.size() > MAX_LAYERS) {
                throw tooMany();
            }
        }
    }

    private static boolean matches(String beginning, NavigableSet<LayerName> covered) {
        LayerName first =
                beginning.isEmpty()
                        ? (covered.isEmpty() ? null : covered.getFirst())
                        : covered.ceiling(new LayerName(beginning));
        return first != null && first.value().startsWith(beginning);
    }

    private static InvalidField tooMany() {
        return new InvalidField(
                "names", "\"names\" stands for more than " + MAX_LAYERS + " layers");
    }

    static Import wanted(Message query) {
        String framework = query.text("framework");
        String convention = query.text("convention");
        Function<Framework, Config> config =
                each ->
                        LayerMessages.config(
                                (convention == null
                                                ? each.convention()
                                                : Convention.parse(convention))
                                        .config(),
                                query);
        Config _ = config.apply(Framework.PYTORCH); // refuses wrong knobs before the body is read
        return new Import(
                framework == null ? null : Framework.parse(framework),
                config,
                prefix(query),
                orEmpty(query.text("name")));
    }

    /// An export repeats the prefix in front of every tensor of up to 1000 layers.
    private static String prefix(Message query) {
        String prefix = orEmpty(query.text("prefix"));
        if (prefix.length() > MAX_PREFIX) {
            throw new InvalidField(
                    "prefix", "\"prefix\" must have at most " + MAX_PREFIX + " characters");
        }
        return prefix;
    }

    private static String orEmpty(@Nullable String text) {
        return Objects.requireNonNullElse(text, "");
    }

    /// @param created the layers as they are now
    static Message report(ImportReport found, List<Layer> created) {
        Map<LayerName, Layer> byName =
                created.stream().collect(Collectors.toMap(Layer::name, layer -> layer));
        return new Message()
                .with("framework", found.framework().word())
                .with("detected", found.detected())
                .with(
                        "layers",
                        found.layers().stream()
                                .map(layer ->
                                        layer(
                                                layer,
                                                found.warnings(layer.layer().name()),
                                                Objects.requireNonNull(
                                                        byName.get(layer.layer().name()))))
                                .toList())
                .with("skipped", found.skipped().stream().map(CheckpointMessages::skipped).toList())
                .with("assumed", found.assumed().stream().map(CheckpointMessages::remark).toList())
                .with("notes", found.notes().stream().map(CheckpointMessages::note).toList());
    }

    private static Message layer(FoundLayer found, List<Note> warnings, Layer created) {
        Message tensors = new Message();
        new TreeMap<>(found.tensors()).forEach(tensors::with);
        return new Message()
                .with("name", created.name().value())
                .with("path", found.path())
                .with("features", (Long) (long) found.features())
                .with("num_batches_tracked", (Long) found.batches())
                .with("version", (Long) created.version())
                .with("tensors", tensors)
                .with("warnings", warnings.stream().map(CheckpointMessages::remark).toList());
    }

    private static Message remark(Note note) {
        return new Message().with("what", note.what()).with("why", note.why());
    }

    private static Message skipped(Skipped skipped) {
        return new Message().with("tensor", skipped.tensor()).with("why", skipped.why());
    }

    private static Message note(Note note) {
        return new Message()
                .with("layer", note.layer() == null ? null : note.layer().value())
                .with("what", note.what())
                .with("why", note.why());
    }
}
