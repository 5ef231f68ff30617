package batchnorm.web.openapi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.EncodedResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/// The descriptions of fields. A field has one meaning in the whole API, unless an entry names its
/// owner: `parameter.name`, `Problem.field`.
final class FieldDescriptions {
    private FieldDescriptions() {}

    static @Nullable String meaning(String owner, String name) {
        String own = Entries.TEXTS.getProperty(owner + "." + name);
        return own == null ? Entries.TEXTS.getProperty(name) : own;
    }

    /// Loaded on first use.
    private static final class Entries {
        static final Properties TEXTS = load("openapi/glossary.properties");
    }

    private static Properties load(String file) {
        try {
            return PropertiesLoaderUtils.loadProperties(
                    new EncodedResource(new ClassPathResource(file), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
