package batchnorm.web.problem;

import java.util.Arrays;
import java.util.Properties;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// The pages to which the `type` of a problem refers (RFC 9457, 3.1.1): its meaning and remedy.
@RestController
@RequestMapping(path = "/problems", produces = MediaType.TEXT_PLAIN_VALUE + ";charset=UTF-8")
final class ProblemPages {

    @GetMapping
    String all() {
        return Arrays.stream(ProblemType.values())
                .map(ProblemPages::page)
                .collect(Collectors.joining("\n"));
    }

    @GetMapping("/{slug}")
    String one(@PathVariable String slug) {
        return Arrays.stream(ProblemType.values())
                .filter(type -> type.slug().equals(slug))
                .map(ProblemPages::page)
                .findFirst()
                .orElseThrow(() -> new ErrorResponseException(HttpStatus.NOT_FOUND));
    }

    private static String page(ProblemType type) {
        return "%s (%d): %s.\n%s\n"
                .formatted(
                        type.slug(),
                        type.status(),
                        type.title(),
                        Texts.TEXTS.getProperty(type.slug()));
    }

    /// Loaded on first use.
    private static final class Texts {
        static final Properties TEXTS = ResourceTexts.load("problems");
    }
}
