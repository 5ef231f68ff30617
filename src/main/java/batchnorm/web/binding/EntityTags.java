package batchnorm.web.binding;

import batchnorm.codec.InvalidField;
import batchnorm.layer.Precondition;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Parses entity tags in `If-Match` and `If-None-Match` (RFC 9110, 13.1) in one pass.
public final class EntityTags {
    private static final String WEAK = "W/";

    private final String header;
    private final String value;
    private int at;

    private EntityTags(String header, String value) {
        this.header = header;
        this.value = value;
    }

    public static Precondition precondition(HttpServletRequest request) {
        List<String> values = Collections.list(request.getHeaders("If-Match"));
        if (values.isEmpty() || values.stream().anyMatch(EntityTags::isAny)) {
            return Precondition.NONE;
        }
        Set<String> tags = new HashSet<>();
        // If-Match compares strongly. A weak tag retains its prefix and so equals no layer's tag.
        values.forEach(value -> new EntityTags("If-Match", value).addTo(tags, WEAK));
        return new Precondition(tags);
    }

    /// Returns whether `If-None-Match` lists a tag, by weak comparison.
    public static boolean noneMatchNames(HttpServletRequest request, String tag) {
        List<String> values = Collections.list(request.getHeaders("If-None-Match"));
        if (values.stream().anyMatch(EntityTags::isAny)) {
            return true;
        }
        Set<String> tags = new HashSet<>();
        values.forEach(value -> new EntityTags("If-None-Match", value).addTo(tags, ""));
        return tags.contains(tag);
    }

    private static boolean isAny(String value) {
        return value.strip().equals("*");
    }

    /// Adds the tags of a list, which may have a trailing comma.
    ///
    /// @param weakPrefix added in front of weak tags
    /// @throws InvalidField when the value is not a nonempty list of tags
    private void addTo(Set<String> tags, String weakPrefix) {
        do {
            skipBlanks();
            boolean weak = value.startsWith(WEAK, at);
            at += weak ? WEAK.length() : 0;
            String tag = quoted();
            tags.add(weak ? weakPrefix + tag : tag);
            skipBlanks();
        } while (skipsComma() && at < value.length());
        if (at < value.length()) {
            throw malformed();
        }
    }

    /// Reads visible ASCII characters between two double quotes.
    private String quoted() {
        int end = at < value.length() && value.charAt(at) == '"' ? value.indexOf('"', at + 1) : -1;
        if (end < 0) {
            throw malformed();
        }
        String tag = value.substring(at + 1, end);
        if (!tag.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw malformed();
        }
        at = end + 1;
        return tag;
    }

    private void skipBlanks() {
        while (at < value.length() && (value.charAt(at) == ' ' || value.charAt(at) == '\t')) {
            at++;
        }
    }

    private boolean skipsComma() {
        boolean comma = at < value.length() && value.charAt(at) == ',';
        at += comma ? 1 : 0;
        return comma;
    }

    private InvalidField malformed() {
        return new InvalidField(
                header,
                header
                        + " must be * or entity tags in double quotes, such as the ETag of a response");
    }
}
