package batchnorm.web.binding;

import batchnorm.codec.InvalidField;
import batchnorm.layer.Precondition;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/// Parses the entity tags of `If-Match` (RFC 9110, 13.1.1) in one pass.
public final class EntityTags {
    private static final String WEAK = "W/";

    private final String value;
    private int at;

    private EntityTags(String value) {
        this.value = value;
    }

    public static Precondition precondition(HttpServletRequest request) {
        List<String> values = Collections.list(request.getHeaders(HttpHeaders.IF_MATCH));
        if (values.isEmpty() || values.stream().anyMatch(EntityTags::isAny)) {
            return Precondition.NONE;
        }
        Set<String> tags = new HashSet<>();
        // If-Match compares strongly. A weak tag retains its prefix and so equals no layer's tag.
        values.forEach(value -> new EntityTags(value).addTo(tags));
        return new Precondition(tags);
    }

    private static boolean isAny(String value) {
        return value.strip().equals("*");
    }

    /// Adds the tags of a list, which may have a trailing comma.
    ///
    /// @throws InvalidField when the value is not a nonempty list of tags
    private void addTo(Set<String> tags) {
        do {
            skipBlanks();
            boolean weak = value.startsWith(WEAK, at);
            at += weak ? WEAK.length() : 0;
            String tag = quoted();
            tags.add(weak ? WEAK + tag : tag);
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
                HttpHeaders.IF_MATCH,
                "If-Match must be * or entity tags in double quotes, such as the ETag of a response");
    }
}
