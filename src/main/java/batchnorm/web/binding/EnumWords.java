package batchnorm.web.binding;

import batchnorm.codec.InvalidField;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The texts of an enum's constants: the results of its method `word()`, or else the names in lower
/// case. A static method `parse(String)` rejects other texts with the enum's own message.
final class EnumWords {
    private final Map<String, Object> constants = new LinkedHashMap<>();
    private final Map<Object, String> words = new HashMap<>();
    private final @Nullable MethodHandle parser;

    private EnumWords(Class<?> type) {
        MethodHandle word = method(type, "word");
        parser = method(type, "parse", String.class);
        for (Object constant : type.getEnumConstants()) {
            String text =
                    word == null
                            ? ((Enum<?>) constant).name().toLowerCase(Locale.ROOT)
                            : RecordBinding.<String>invoke(word, constant);
            constants.put(text, constant);
            words.put(constant, text);
        }
    }

    static EnumWords of(Class<?> type) {
        return new EnumWords(type);
    }

    /// @param parameters empty for an instance method
    /// @return null if the enum lacks the method
    private static @Nullable MethodHandle method(
            Class<?> type, String name, Class<?>... parameters) {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        try {
            return parameters.length == 0
                    ? lookup.findVirtual(type, name, MethodType.methodType(String.class))
                    : lookup.findStatic(type, name, MethodType.methodType(type, parameters));
        } catch (NoSuchMethodException | IllegalAccessException absent) {
            return null;
        }
    }

    List<String> all() {
        return List.copyOf(constants.keySet());
    }

    String of(Object constant) {
        return Objects.requireNonNull(words.get(constant));
    }

    /// @throws InvalidField for an unknown text
    Object parse(String path, String word) {
        Object constant = constants.get(word);
        if (constant == null && parser != null) {
            return RecordBinding.invoke(parser, word);
        }
        if (constant == null) {
            throw new InvalidField(
                    path,
                    constants.keySet().stream()
                            .map(each -> '"' + each + '"')
                            .collect(
                                    Collectors.joining(
                                            ", ", '"' + path + "\" must be one of ", "")));
        }
        return constant;
    }
}
