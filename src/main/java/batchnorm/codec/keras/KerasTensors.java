package batchnorm.codec.keras;

import batchnorm.codec.Codec;
import batchnorm.codec.LayerSettings;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.keras.HdfObjects.HdfLink;
import batchnorm.codec.keras.HdfObjects.HdfObject;
import batchnorm.codec.keras.KerasConfig.LayerConfig;
import batchnorm.codec.keras.KerasConfig.Norm;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The arrays of a file of Keras by the names of the layers and variables.
///
/// A variable of a batch normalization becomes `<layer>/gamma`, `beta`, `moving_mean` or
/// `moving_variance`, and a layer's name has those of the models and wrappers around it:
/// `stack/bn_1`. A variable of a layer that no configuration describes keeps its number,
/// `<layer>/vars/0`.
final class KerasTensors {
    /// More objects than the file of a model with 10,000 layers has.
    private static final int MAX_OBJECTS = 1 << 16;

    private static final int MAX_DEPTH = 32;

    /// The longest path of an object, and the longest name of a layer.
    private static final int MAX_NAME = 1 << 12;

    /// Bytes counted for the description of an array.
    private static final int BYTES_OF_ARRAY = 256;

    private static final String VARS = "vars";
    private static final String NAME = "name";
    private static final String LAYER_NAMES = "layer_names";
    private static final String MODEL_WEIGHTS = "model_weights";
    private static final String OPTIMIZER = "optimizer";

    /// A list in which Keras names a layer by its class, and one without parameters in it.
    private static final Pattern NORM_IN_A_LIST = Pattern.compile("batch_normalization(_[0-9]+)?");

    private static final List<String> STATISTICS = List.of("moving_mean", "moving_variance");

    private final HdfObjects file;
    private final KerasConfig config;
    private final Codec.Memory memory;
    private final Map<String, HdfArray> arrays = new LinkedHashMap<>();
    private final Map<String, String> links = new LinkedHashMap<>();
    private final Map<String, LayerSettings> settings = new LinkedHashMap<>();
    private final Set<Long> groups = new HashSet<>();
    private final Set<String> layers = new HashSet<>();
    private int objects;

    /// @param memory counts the arrays' names
    KerasTensors(HdfObjects file, KerasConfig config, Codec.Memory memory) {
        this.file = file;
        this.config = config;
        this.memory = memory;
    }

    /// The arrays by name.
    Map<String, HdfArray> arrays() {
        return arrays;
    }

    /// The names that are links, each with the reason why it is not followed.
    Map<String, String> links() {
        return links;
    }

    /// The settings that the configuration states, by the names of the layers.
    Map<String, LayerSettings> settings() {
        return settings;
    }

    /// Returns the address of the weights in the format before Keras 3; null in another file.
    static @Nullable Long legacyWeights(HdfObjects file, HdfObject root) {
        if (HdfObjects.hasAttribute(root, LAYER_NAMES)
                || HdfObjects.hasAttribute(root, LAYER_NAMES + "0")) {
            return root.address();
        }
        return (root.isGroup() ? file.links(root) : List.<HdfLink>of())
                .stream()
                        .filter(link -> link.name().equals(MODEL_WEIGHTS))
                        .map(HdfLink::address)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
    }

    /// A place in the file.
    ///
    /// @param path of the group below the root, joined by slashes
    /// @param names of the layers around it
    /// @param pending the parts of the path since the last of these layers
    private record Place(String path, List<String> names, List<String> pending, int depth) {
        Place in(String part) {
            List<String> longer = new ArrayList<>(pending);
            longer.add(part);
            return new Place(path.isEmpty() ? part : path + "/" + part, names, longer, depth + 1);
        }

        Place named(String name) {
            List<String> longer = new ArrayList<>(names);
            longer.add(name);
            return new Place(path, longer, List.of(), depth);
        }

        String name() {
            List<String> all = new ArrayList<>(names);
            all.addAll(pending);
            return String.join("/", all);
        }

        String last() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    /// Adds the arrays below the root of a file of Keras 3.
    void addVariables(long root) {
        addVariables(root, new Place("", List.of(), List.of(), 0));
    }

    /// Keeps no header while it descends: a header may have many messages.
    private void addVariables(long group, Place around) {
        List<HdfLink> links = enter(group, around);
        Long vars = vars(links, around);
        Place here = around.depth() == 0 ? around : named(around, vars);
        if (vars != null) {
            addNumbered(vars, here);
        }
        for (HdfLink link : links) {
            if (!link.name().equals(VARS)) {
                Place place = here.in(link.name());
                switch (kind(link, place)) {
                    case GROUP -> addVariables(require(link), place);
                    case DATASET -> put(place.path(), require(link));
                    case OTHER -> {
                        // A link, or the name of a type.
                    }
                }
            }
        }
    }

    private @Nullable Long vars(List<HdfLink> links, Place place) {
        for (HdfLink link : links) {
            if (link.name().equals(VARS)) {
                return kind(link, place.in(VARS)) == Kind.GROUP ? link.address() : null;
            }
        }
        return null;
    }

    /// Returns the place with the name of its layer: the one beside the variables, or that of the
    /// configuration.
    private Place named(Place place, @Nullable Long vars) {
        String name =
                vars == null ? null : file.text(file.object(vars, place.path()), NAME, MAX_NAME);
        if (name == null || name.isEmpty()) {
            LayerConfig layer = config.atPath(place.path());
            name = layer == null ? null : layer.name();
        }
        return name == null || name.isEmpty() || place.path().equals(OPTIMIZER)
                ? place
                : place.named(name);
    }

    private void addNumbered(long vars, Place place) {
        List<HdfLink> links =
                enter(vars, place).stream()
                        .sorted(
                                Comparator.comparingInt((HdfLink link) -> link.name().length())
                                        .thenComparing(HdfLink::name))
                        .toList();
        String layer = layers.add(place.name()) ? place.name() : place.path();
        List<String> variables = variables(place, layer, links);
        for (int i = 0; i < links.size(); i++) {
            if (kind(links.get(i), place.in(VARS).in(links.get(i).name())) == Kind.DATASET) {
                put(
                        layer.isEmpty() ? variables.get(i) : layer + "/" + variables.get(i),
                        require(links.get(i)));
            }
        }
    }

    /// Returns the names of a layer's variables.
    private List<String> variables(Place place, String layer, List<HdfLink> links) {
        LayerConfig known = known(place);
        Norm norm = known == null ? null : known.norm();
        List<String> expected =
                norm != null
                        ? norm.variables()
                        : NORM_IN_A_LIST.matcher(place.last()).matches() && links.size() == 2
                                ? STATISTICS
                                : List.of();
        if (expected.size() > links.size()) {
            throw new MalformedTensor(
                    QuotedInput.cut(layer),
                    "layer %s: its configuration needs %d variables, but the weights have %d"
                            .formatted(QuotedInput.of(layer), expected.size(), links.size()));
        }
        if (norm != null) {
            settings.put(layer, norm.settings());
        }
        boolean isOther = known != null || place.path().equals(OPTIMIZER);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
            String number = links.get(i).name();
            names.add(
                    i < expected.size()
                            ? expected.get(i)
                            : isOther || !expected.isEmpty()
                                    ? "variable_" + number
                                    : VARS + "/" + number);
        }
        return names;
    }

    private @Nullable LayerConfig known(Place place) {
        LayerConfig layer = config.atPath(place.path());
        return layer != null || place.names().isEmpty() ? layer : config.named(place.names());
    }

    /// Adds the arrays of a legacy file, whose groups are layers.
    void addLegacy(long weights) {
        for (HdfLink link : enter(weights, new Place("", List.of(), List.of(), 0))) {
            Place place = new Place(link.name(), List.of(), List.of(), 1);
            if (kind(link, place) == Kind.GROUP) {
                addLegacy(require(link), link.name(), place);
            }
        }
    }

    /// @param layer the name of the layer of the model around the group
    private void addLegacy(long group, String layer, Place place) {
        for (HdfLink link : enter(group, place)) {
            Place below = place.in(link.name());
            switch (kind(link, below)) {
                case GROUP -> addLegacy(require(link), layer, below);
                case DATASET -> addLegacy(legacyPath(layer, below.pending()), require(link));
                case OTHER -> {
                    // A link, or the name of a type.
                }
            }
        }
    }

    private void addLegacy(List<String> path, long dataset) {
        put(String.join("/", path), dataset);
        List<String> names = path.subList(0, path.size() - 1);
        LayerConfig layer = config.named(names);
        if (layer != null && layer.norm() != null) {
            settings.put(String.join("/", names), layer.norm().settings());
        }
    }

    /// Returns the path of a variable from its layer on. The weights of a layer have the names of
    /// the models around it, of the layer itself, or only of the layers in it.
    private static List<String> legacyPath(String layer, List<String> path) {
        int at = path.subList(0, path.size() - 1).indexOf(layer);
        if (at >= 0) {
            return path.subList(at, path.size());
        }
        List<String> whole = new ArrayList<>();
        whole.add(layer);
        whole.addAll(path);
        return whole;
    }

    /// Returns the names in a group.
    private List<HdfLink> enter(long group, Place place) {
        if (place.depth() > MAX_DEPTH) {
            throw HdfObjects.malformed(
                    place.path(), "groups nest more than " + MAX_DEPTH + " deep");
        }
        if (!groups.add(group)) {
            throw HdfObjects.malformed(
                    place.path(), "the group has several names, or contains itself");
        }
        HdfObject object = file.object(group, place.path());
        List<HdfLink> links = object.isGroup() ? file.links(object) : List.of();
        objects += links.size();
        if (objects > MAX_OBJECTS) {
            throw HdfObjects.malformed("/", "the file has more than " + MAX_OBJECTS + " objects");
        }
        return links;
    }

    private enum Kind {
        GROUP,
        DATASET,
        OTHER
    }

    private Kind kind(HdfLink link, Place place) {
        if (place.path().length() > MAX_NAME) {
            throw HdfObjects.malformed(
                    place.path(), "the path has more than " + MAX_NAME + " characters");
        }
        if (link.address() == null) {
            memory.reserve(2L * place.path().length());
            links.put(place.path(), "it is a link, and links are not followed");
            return Kind.OTHER;
        }
        HdfObject object = file.object(link.address(), place.path());
        return object.isGroup() ? Kind.GROUP : object.isDataset() ? Kind.DATASET : Kind.OTHER;
    }

    private static long require(HdfLink link) {
        return Objects.requireNonNull(link.address(), link.name());
    }

    private void put(String name, long dataset) {
        memory.reserve(BYTES_OF_ARRAY + 2L * name.length());
        if (arrays.put(name, file.array(file.object(dataset, name))) != null) {
            throw new MalformedTensor(
                    QuotedInput.cut(name),
                    "the variable " + QuotedInput.of(name) + " is given twice");
        }
    }
}
