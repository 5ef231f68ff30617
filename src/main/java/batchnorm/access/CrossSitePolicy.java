package batchnorm.access;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.cors.CorsUtils;

/// Decides which requests browsers may send, and from which pages. A page of another site can make
/// a browser send requests to services that only this machine reaches. Programs send neither
/// `Origin` nor `Sec-Fetch-Site` and are not affected.
///
/// Proxy headers widen nothing except the scheme of the service's own origin, `X-Forwarded-Proto`.
/// A page of another site cannot set it without a preflight, and preflights are rejected.
public final class CrossSitePolicy {
    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD");
    private static final Set<String> OWN_PAGES = Set.of("same-origin", "none");
    private static final Pattern ORIGIN = Pattern.compile("(https?)://(.*)");

    private static final String OTHER_HOST =
            "the Host header is not a known name of this service; if it is one of the"
                    + " service's names, list it in BATCHNORM_ALLOWED_HOSTS, or configure credentials";
    private static final String OTHER_SITE =
            "pages of other sites may not call this service from a browser; call it from a program,"
                    + " or through a server of your own. If the page is the service's own, list the host"
                    + " name of its address in BATCHNORM_ALLOWED_HOSTS";

    private final AllowedHosts hosts;

    private CrossSitePolicy(AllowedHosts hosts) {
        this.hosts = hosts;
    }

    /// @param listening the listening address; null for all addresses
    /// @throws AccessRefused for an allowed host that is not a host name
    public static CrossSitePolicy of(
            AccessSettings settings, Authenticator authenticator, @Nullable InetAddress listening) {
        return new CrossSitePolicy(
                AllowedHosts.of(
                        settings.allowedHosts(), listening, authenticator.requiresCredentials()));
    }

    /// Returns why a request is rejected, in a sentence for its sender; null if it is allowed.
    public @Nullable String rejection(HttpServletRequest request) {
        if (!values(request, "Host").stream().allMatch(hosts::include)) {
            return OTHER_HOST;
        }
        boolean isSafe = SAFE_METHODS.contains(request.getMethod());
        boolean rejected =
                CorsUtils.isPreFlightRequest(request)
                        || (isFromAnotherSite(request) && !(isSafe && isNavigation(request)))
                        || (!isSafe && !isSameOrigin(request));
        return rejected ? OTHER_SITE : null;
    }

    /// Returns whether the browser attributes a request to another site's page or link.
    static boolean isFromAnotherSite(HttpServletRequest request) {
        return !OWN_PAGES.containsAll(values(request, "Sec-Fetch-Site"));
    }

    /// Returns whether the browser follows a link. The linking page cannot read the response.
    private static boolean isNavigation(HttpServletRequest request) {
        String destination = request.getHeader("Sec-Fetch-Dest");
        return "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                && (destination == null || destination.equals("document"));
    }

    private boolean isSameOrigin(HttpServletRequest request) {
        return values(request, "Origin").stream().allMatch(origin -> isOwn(origin, request));
    }

    private boolean isOwn(String origin, HttpServletRequest request) {
        Matcher matcher = ORIGIN.matcher(origin.toLowerCase(Locale.ROOT));
        Authority authority = matcher.matches() ? Authority.parse(matcher.group(2)) : null;
        if (authority == null) {
            return false;
        }
        int schemesPort = matcher.group(1).equals("https") ? 443 : 80;
        return hosts.listOrigin(authority, schemesPort)
                || (matcher.group(1).equals(scheme(request))
                        && isHost(authority, schemesPort, request));
    }

    private static boolean isHost(Authority origin, int schemesPort, HttpServletRequest request) {
        String header = request.getHeader("Host");
        Authority host = header == null ? null : Authority.parse(header);
        return host != null
                && host.host().equals(origin.host())
                && host.portOr(schemesPort) == origin.portOr(schemesPort);
    }

    /// Returns the scheme by which the client reached the service or its proxy.
    private static String scheme(HttpServletRequest request) {
        String forwarded = request.getHeader("X-Forwarded-Proto");
        return (forwarded == null ? request.getScheme() : forwarded).toLowerCase(Locale.ROOT);
    }

    private static List<String> values(HttpServletRequest request, String header) {
        return Collections.list(request.getHeaders(header));
    }
}
