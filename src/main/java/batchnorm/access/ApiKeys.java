package batchnorm.access;

import batchnorm.digest.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The configured API keys.
final class ApiKeys {
    private static final Pattern SEPARATOR = Pattern.compile("[\\s,]+");
    private static final Pattern COMMENT = Pattern.compile("#.*");

    private final List<ApiKey> keys;

    private ApiKeys(List<ApiKey> keys) {
        this.keys = keys;
    }

    /// @param entries `name:scope:sha256`, separated by commas or white space; `#` starts a comment
    static ApiKeys of(String entries) {
        List<ApiKey> keys = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String entry : SEPARATOR.split(COMMENT.matcher(entries).replaceAll("").strip())) {
            if (entry.isEmpty()) {
                continue;
            }
            ApiKey key = ApiKey.of(entry, keys.size() + 1);
            if (!names.add(key.identity().name())) {
                throw new AccessRefused(
                        "two API keys have the name \"" + key.identity().name() + '"',
                        "Give each key a name of its own; the log names who did what.");
            }
            keys.add(key);
        }
        return new ApiKeys(List.copyOf(keys));
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AccessRefused(
                    "the API keys cannot be read from "
                            + file
                            + ": "
                            + e.getClass().getSimpleName(),
                    "Let BATCHNORM_API_KEYS_FILE name a file that this user can read.");
        }
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /// Returns the identity of a key; null if unknown. Compares all keys, so that timing reveals
    /// nothing.
    @Nullable Identity find(String key) {
        byte[] digest = Sha256.of(key);
        Identity found = null;
        for (ApiKey candidate : keys) {
            if (candidate.hasDigest(digest)) {
                found = candidate.identity();
            }
        }
        return found;
    }
}
