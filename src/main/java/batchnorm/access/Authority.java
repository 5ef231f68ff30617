package batchnorm.access;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The host and port of a `Host` header, an `Origin` or a setting.
///
/// @param host in lower case and without a trailing dot; an IPv6 address in brackets
/// @param port null if absent
record Authority(String host, @Nullable Integer port) {
    /// Names, IPv4 addresses and bracketed IPv6 addresses. The alternatives are disjoint, so
    /// matching is linear.
    private static final Pattern FORM =
            Pattern.compile("([A-Za-z0-9_][A-Za-z0-9._-]*|\\[[0-9A-Fa-f:.]+])(?::([0-9]{0,5}))?");

    /// Matches addresses but no DNS names, because no top-level domain is a number.
    private static final Pattern ADDRESS =
            Pattern.compile("\\[.*]|[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");

    /// @return null if the text is not a host with an optional port
    static @Nullable Authority parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        String host = matcher.group(1).toLowerCase(Locale.ROOT);
        String port = matcher.group(2);
        return new Authority(
                host.endsWith(".") ? host.substring(0, host.length() - 1) : host,
                port == null || port.isEmpty() ? null : Integer.valueOf(port));
    }

    boolean isAddress() {
        return ADDRESS.matcher(host).matches();
    }

    /// Returns the port, or the default port of a scheme.
    int portOr(int schemesPort) {
        return port == null ? schemesPort : port;
    }
}
