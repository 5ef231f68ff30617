package batchnorm.web.controller;

import batchnorm.codec.InvalidField;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Names of layers, separated by commas; one that ends in `*` stands for all that begin so.
record NamePatterns(String names) {
    private static final int MAX_LAYERS = 1000;
    private static final Pattern COMMA = Pattern.compile(",");

    /// The names of the layers, sorted. A pattern that another one covers is not searched again.
    ///
    /// @throws InvalidField when a pattern matches no layer, or all match too many
    Set<LayerName> in(Layers layers) {
        NavigableSet<LayerName> found = new TreeSet<>();
        NavigableSet<String> beginnings = new TreeSet<>();
        String[] words = COMMA.split(names, MAX_LAYERS + 1);
        if (words.length > MAX_LAYERS) {
            throw tooMany();
        }
        for (String word : words) {
            if (word.endsWith("*")) {
                beginnings.add(word.substring(0, word.length() - 1));
            } else {
                found.add(new LayerName(word));
            }
        }
        addMatches(beginnings, found, layers);
        return found;
    }

    /// @param beginnings sorted: one that covers others comes right before them
    private static void addMatches(
            NavigableSet<String> beginnings, Set<LayerName> found, Layers layers) {
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
            found.addAll(beginning.equals(covering) ? covered : Set.of());
            if (found.size() > MAX_LAYERS) {
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
}
