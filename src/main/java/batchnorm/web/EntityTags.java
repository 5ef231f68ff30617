package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.layer.Precondition;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Entity tags in `If-Match` and `If-None-Match` (RFC 9110, 13.1).
final class EntityTags {
    private static final Pattern LIST =
            Pattern.compile("\\s*(W/)?\"([\\x21\\x23-\\x7e]*)\"\\s*(,|$)");

    private EntityTags() {}

    static Precondition precondition(HttpServletRequest request) {
        Enumeration<String> values = request.getHeaders("If-Match");
        if (!values.hasMoreElements()) {
            return Precondition.NONE;
        }
        Set<String> tags = new HashSet<>();
        boolean any = false;
        while (values.hasMoreElements()) {
            String value = values.nextElement();
            any |= value.strip().equals("*");
            // If-Match compares strongly: a weak tag matches nothing, so it stays as one that no
            // layer has.
            if (!any) {
                tags.addAll(tags("If-Match", value, "W/"));
            }
        }
        return any ? Precondition.NONE : new Precondition(tags);
    }

    /// Whether `If-None-Match` names this tag; it compares weakly.
    static boolean noneMatchNames(HttpServletRequest request, String tag) {
        String value = request.getHeader("If-None-Match");
        return value != null
                && (value.strip().equals("*") || tags("If-None-Match", value, "").contains(tag));
    }

    private static Set<String> tags(String header, String value, String weakPrefix) {
        Set<String> tags = new HashSet<>();
        Matcher matcher = LIST.matcher(value);
        int end = 0;
        while (end < value.length() && matcher.find(end) && matcher.start() == end) {
            tags.add(matcher.group(1) == null ? matcher.group(2) : weakPrefix + matcher.group(2));
            end = matcher.end();
        }
        if (end < value.length() || tags.isEmpty()) {
            throw new InvalidField(
                    header,
                    header
                            + " must be * or entity tags in double quotes, such as the ETag of an answer");
        }
        return tags;
    }
}
