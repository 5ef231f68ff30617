package batchnorm.web.openapi;

import batchnorm.web.problem.ResourceTexts;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

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
        static final Properties TEXTS = ResourceTexts.load("glossary");
    }
}
