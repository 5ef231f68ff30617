package batchnorm.web.binding;

import batchnorm.codec.Codec;
import batchnorm.codec.body.AsciiBody;
import batchnorm.codec.body.InflatedBody;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.MimeTypeUtils;

/// The negotiated media types of a request and its response.
final class ContentNegotiation {
    /// The most media types that Spring sorts. Browsers send fewer than ten.
    private static final int MAX_ACCEPTED = 50;

    private final HttpServletRequest request;
    private final Format requestFormat;
    private final Format answerFormat;

    private ContentNegotiation(
            HttpServletRequest request, Format requestFormat, Format answerFormat) {
        this.request = request;
        this.requestFormat = requestFormat;
        this.answerFormat = answerFormat;
    }

    /// @throws UnsupportedMedia, NotAcceptable before the body is read
    static ContentNegotiation of(HttpServletRequest request, Endpoint endpoint) {
        Format requestFormat =
                endpoint.readsBody() ? requestFormat(request, endpoint) : Format.JSON;
        return new ContentNegotiation(
                request, requestFormat, answerFormat(request, endpoint, requestFormat));
    }

    Format requestFormat() {
        return requestFormat;
    }

    Codec requestCodec() {
        return requestFormat.codec().orElseGet(() -> TensorHeaders.codec(request));
    }

    Format answerFormat() {
        return answerFormat;
    }

    private static Format requestFormat(HttpServletRequest request, Endpoint endpoint) {
        InflatedBody.requireKnown(coding(request));
        String text = request.getContentType();
        if (text == null) {
            return endpoint.requestFormats().getFirst();
        }
        MediaType type = parse(text);
        if (type != null) {
            requireAscii(type);
            String name = type.getType() + "/" + type.getSubtype();
            if (name.equals(Format.MERGE_PATCH) && endpoint.isMergePatch()) {
                return Format.JSON;
            }
            for (Format format : endpoint.requestFormats()) {
                if (format.mediaType().equals(name)) {
                    return format;
                }
            }
        }
        throw new UnsupportedMedia(
                "the body's Content-Type is not supported by this operation; send "
                        + (endpoint.isMergePatch() ? Format.MERGE_PATCH + ", " : "")
                        + mediaTypes(endpoint.requestFormats())
                        + " (curl needs -H 'Content-Type: "
                        + endpoint.requestFormats().getFirst().mediaType()
                        + "')");
    }

    private static @Nullable MediaType parse(String text) {
        try {
            return MediaType.parseMediaType(text);
        } catch (InvalidMediaTypeException e) {
            return null;
        }
    }

    private static void requireAscii(MediaType type) {
        Charset charset = type.getCharset();
        if (charset != null && !AsciiBody.isContainedIn(charset)) {
            throw new UnsupportedMedia(
                    "the body's Content-Type has charset="
                            + charset.name()
                            + "; JSON is sent as UTF-8, without a byte order mark");
        }
    }

    /// Returns the content coding of the body; null if absent.
    static @Nullable String coding(HttpServletRequest request) {
        List<String> codings = Collections.list(request.getHeaders("Content-Encoding"));
        return codings.isEmpty() ? null : String.join(", ", codings);
    }

    /// Returns the charset of a JSON body unless it is UTF-8; null otherwise.
    @Nullable Charset otherCharset() {
        String text = request.getContentType();
        MediaType type = requestFormat == Format.JSON && text != null ? parse(text) : null;
        Charset charset = type == null ? null : type.getCharset();
        return StandardCharsets.UTF_8.equals(charset) ? null : charset;
    }

    private static Format answerFormat(
            HttpServletRequest request, Endpoint endpoint, Format requestFormat) {
        List<Format> possible = endpoint.answerFormats();
        if (possible.isEmpty()) {
            return Format.JSON; // for clients that accept only problems
        }
        if (endpoint.namesAnswerFormat()) {
            String named = request.getParameter("format");
            for (Format format : possible) {
                if (format.name().toLowerCase(Locale.ROOT).equals(named)) {
                    return format;
                }
            }
        }
        Format preferred = possible.contains(requestFormat) ? requestFormat : possible.getFirst();
        // A bare array cannot hold several tensors.
        if (preferred.isBareArray()
                && !endpoint.respondsWithBareArray()
                && !endpoint.respondsWithFile()) {
            preferred = Format.NPZ;
        }
        String accept = String.join(",", Collections.list(request.getHeaders("Accept")));
        if (accept.isBlank() || accept.equals("*/*")) {
            return preferred;
        }
        for (MediaType range : accepted(accept)) {
            Format format = firstIn(range, preferred, possible);
            if (format != null && range.getQualityValue() > 0) {
                return format;
            }
        }
        throw new NotAcceptable("this operation returns " + mediaTypes(possible));
    }

    /// Returns the media ranges of an `Accept` header, the preferred ones first.
    private static List<MediaType> accepted(String header) {
        List<MediaType> accepted;
        try {
            accepted = MediaType.parseMediaTypes(header);
        } catch (InvalidMediaTypeException e) {
            throw new NotAcceptable("the Accept header is not a list of media types");
        }
        if (accepted.size() > MAX_ACCEPTED) {
            throw new NotAcceptable(
                    "the Accept header lists more than " + MAX_ACCEPTED + " media types");
        }
        MimeTypeUtils.sortBySpecificity(accepted);
        accepted.sort((a, b) -> Double.compare(b.getQualityValue(), a.getQualityValue()));
        return accepted;
    }

    private static @Nullable Format firstIn(
            MediaType range, Format preferred, List<Format> possible) {
        if (range.includes(preferred.type())) {
            return preferred;
        }
        return possible.stream()
                .filter(format -> range.includes(format.type()))
                .findFirst()
                .orElse(null);
    }

    private static String mediaTypes(List<Format> formats) {
        return formats.stream().map(Format::mediaType).collect(Collectors.joining(", "));
    }
}
