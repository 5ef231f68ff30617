package batchnorm.management;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/// The environment variables of this service: those that `application.yaml` names as the values of
/// its properties.
final class EnvironmentVariables {
    private static final String PREFIX = "BATCHNORM_";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z_0-9]+):.*");

    /// Bounds the edits of a name that is suggested.
    private static final int MAX_DISTANCE = 5;

    /// Bounds the warnings, and the length of a repeated name.
    private static final int MAX_WARNINGS = 20;

    private static final int MAX_LENGTH = 100;

    /// Variables by property.
    private final Map<String, String> byProperty;

    EnvironmentVariables(Map<String, String> byProperty) {
        this.byProperty = Map.copyOf(byProperty);
    }

    static EnvironmentVariables of(ConfigurableEnvironment environment) {
        Map<String, String> byProperty = new TreeMap<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> listed
                    && source.getName().contains("application.yaml")) {
                for (String property : listed.getPropertyNames()) {
                    Matcher value =
                            PLACEHOLDER.matcher(String.valueOf(listed.getProperty(property)));
                    if (value.matches()) {
                        byProperty.put(property, value.group(1));
                    }
                }
            }
        }
        return new EnvironmentVariables(byProperty);
    }

    /// Returns the variable of a property; null if it has none.
    ///
    /// @param property such as `batchnorm.max-keys`
    @Nullable String of(String property) {
        return byProperty.get(property);
    }

    /// Returns a warning for each variable with the prefix of this service and an unknown name.
    ///
    /// @param names of the variables that are set
    List<String> warnings(Collection<String> names) {
        List<String> warnings = new ArrayList<>();
        for (String name : new TreeSet<>(names)) {
            if (name.startsWith(PREFIX) && !isKnown(name) && warnings.size() < MAX_WARNINGS) {
                warnings.add(
                        "the environment variable "
                                + (name.length() > MAX_LENGTH
                                        ? name.substring(0, MAX_LENGTH)
                                        : name)
                                + " is unknown and has no effect"
                                + nearest(name)
                                        .map(known -> "; " + known + " is similar")
                                        .orElse(""));
            }
        }
        return warnings;
    }

    /// Spring also binds a variable named like the property: `BATCHNORM_LIMITS_MAXDEPTH`.
    private boolean isKnown(String name) {
        return byProperty.containsValue(name)
                || byProperty.keySet().stream()
                        .map(property -> property.replace("-", "").replace('.', '_'))
                        .anyMatch(property -> property.toUpperCase(Locale.ROOT).equals(name));
    }

    private Optional<String> nearest(String name) {
        return byProperty.values().stream()
                .filter(known -> known.startsWith(PREFIX))
                .distinct()
                .filter(known -> distance(known, name) <= MAX_DISTANCE)
                .min(
                        Comparator.comparingInt((String known) -> distance(known, name))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /// The Levenshtein distance.
    private static int distance(String a, String b) {
        if (Math.abs(a.length() - b.length()) > MAX_DISTANCE) {
            return Integer.MAX_VALUE;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
