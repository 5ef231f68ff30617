package batchnorm.web.controller;

import batchnorm.codec.InvalidField;
import batchnorm.layer.LayerName;
import batchnorm.layer.Layers;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Names of layers, separated by commas; a trailing `*` matches any suffix.
record NamePatterns(String names) {
    private static final int MAX_LAYERS = 1000;
    private static final Pattern COMMA = Pattern.compile(",");

    /// Returns the names of the matching layers, sorted. A pattern that another one covers is not
    /// searched again.
    ///
    /// @throws InvalidField when a pattern matches no layer, or all together match too many
    Set<LayerName> in(Layers layers) {
        NavigableSet<LayerName> found = new TreeSet<>();
        NavigableSet<String> prefixes = new TreeSet<>();
        String[] patterns = COMMA.split(names, MAX_LAYERS + 1);
        if (patterns.length > MAX_LAYERS) {
            throw tooMany();
        }
        for (String pattern : patterns) {
            if (pattern.endsWith("*")) {
                prefixes.add(pattern.substring(0, pattern.length() - 1));
            } else {
                found.add(new LayerName(pattern));
            }
        }
        addMatches(prefixes, found, layers);
        return found;
    }

    /// @param prefixes sorted, so that one that covers others immediately precedes them
    private static void addMatches(
            NavigableSet<String> prefixes, Set<LayerName> found, Layers layers) {
        NavigableSet<LayerName> covered = new TreeSet<>();
        String covering = null;
        for (String prefix : prefixes) {
            if (covering == null || !prefix.startsWith(covering)) {
                covering = prefix;
                covered.clear();
                covered.addAll(layers.under(prefix, MAX_LAYERS + 1));
            }
            if (!matches(prefix, covered)) {
                throw new InvalidField("names", "no layer name matches " + prefix + "*");
            }
            found.addAll(prefix.equals(covering) ? covered : Set.of());
            if (found.size() > MAX_LAYERS) {
                throw tooMany();
            }
        }
    }

    private static boolean matches(String prefix, NavigableSet<LayerName> covered) {
        LayerName first =
                prefix.isEmpty()
                        ? (covered.isEmpty() ? null : covered.getFirst())
                        : covered.ceiling(new LayerName(prefix));
        return first != null && first.value().startsWith(prefix);
    }

    private static InvalidField tooMany() {
        return new InvalidField("names", "\"names\" matches more than " + MAX_LAYERS + " layers");
    }
}
