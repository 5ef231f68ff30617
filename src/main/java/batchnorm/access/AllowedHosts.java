package batchnorm.access;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The host names under which clients reach the service.
///
/// Under DNS rebinding, a foreign page resolves its own host name to this machine. The browser then
/// treats the service as same-origin, but sends the foreign name in `Host`. Without credentials,
/// only that name distinguishes such a page.
final class AllowedHosts {
    private static final Pattern SEPARATOR = Pattern.compile("[\\s,]+");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final List<Authority> listed;
    private final Set<String> names;
    private final boolean anyName;
    private final boolean anyAddress;

    private AllowedHosts(
            List<Authority> listed, Set<String> names, boolean anyName, boolean anyAddress) {
        this.listed = listed;
        this.names = names;
        this.anyName = anyName;
        this.anyAddress = anyAddress;
    }

    /// @param entries names, with or without a port, separated by commas or white space
    /// @param listening the listening address; null for all addresses
    /// @param protectedByCredentials whether requests need credentials, which foreign pages lack
    /// @throws AccessRefused for an entry that is not a host name
    static AllowedHosts of(
            @Nullable String entries,
            @Nullable InetAddress listening,
            boolean protectedByCredentials) {
        List<Authority> listed = parse(entries == null ? "" : entries);
        Set<String> names =
                Stream.of(
                                LOOPBACK.stream(),
                                listed.stream().map(Authority::host),
                                listening == null ? Stream.<String>empty() : namesOf(listening))
                        .flatMap(all -> all)
                        .collect(Collectors.toUnmodifiableSet());
        boolean isLoopback = listening != null && listening.isLoopbackAddress();
        return new AllowedHosts(listed, names, protectedByCredentials, !isLoopback);
    }

    private static List<Authority> parse(String entries) {
        List<Authority> listed = new ArrayList<>();
        for (String entry : SEPARATOR.split(entries.strip())) {
            if (entry.isEmpty()) {
                continue;
            }
            Authority authority = Authority.parse(entry);
            if (authority == null) {
                throw new AccessRefused(
                        "entry "
                                + (listed.size() + 1)
                                + " of BATCHNORM_ALLOWED_HOSTS is no host name",
                        "Write names such as bn.example or bn.example:8443, separated by commas,"
                                + " without a scheme, a path or a wildcard.");
            }
            listed.add(authority);
        }
        return List.copyOf(listed);
    }

    /// Returns the address in URL form, and its configured host name if any.
    private static Stream<String> namesOf(InetAddress listening) {
        String address = listening.getHostAddress();
        String configured = listening.toString();
        return Stream.of(
                        address.contains(":") ? "[" + address + "]" : address,
                        configured.substring(0, configured.indexOf('/')))
                .map(Authority::parse)
                .flatMap(Stream::ofNullable)
                .map(Authority::host);
    }

    /// @param host the value of a `Host` header
    boolean include(String host) {
        if (anyName) {
            return true;
        }
        Authority authority = Authority.parse(host);
        return authority != null
                && (names.contains(authority.host()) || (anyAddress && authority.isAddress()));
    }

    /// Returns whether the entries list an origin: with the same port, or the scheme's default
    /// port. Another port of the host may belong to another program.
    ///
    /// @param schemesPort the default port: 80 or 443
    boolean listOrigin(Authority origin, int schemesPort) {
        return listed.stream()
                .anyMatch(entry ->
                        entry.host().equals(origin.host())
                                && entry.portOr(schemesPort) == origin.portOr(schemesPort));
    }
}
