package batchnorm.web;

import org.jspecify.annotations.Nullable;

/// What each field means, wherever it stands: one word is one thing in the whole API. Where it is
/// not, the entry says whose field it is: `parameter.name`, `Problem.field`.
final class FieldDescriptions {
    private FieldDescriptions() {}

    static @Nullable String meaning(String owner, String name) {
        String own = Entries.WORDS.of(owner + "." + name);
        return own == null ? Entries.WORDS.of(name) : own;
    }

    /// Read when somebody asks for the contract, not before.
    private static final class Entries {
        static final ResourceTexts WORDS = new ResourceTexts("glossary");
    }
}
