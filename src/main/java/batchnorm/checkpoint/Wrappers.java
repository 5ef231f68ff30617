package batchnorm.checkpoint;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The path components that PyTorch's wrappers add to a `state_dict`. DataParallel and
/// DistributedDataParallel prefix every path with `module`. `torch.compile` inserts `_orig_mod`
/// anywhere; FSDP and activation checkpointing insert their own. A training checkpoint keeps the
/// model beside the optimizer, as `state_dict` or `model_state_dict`. Layer names omit them.
///
/// @param stripped the paths without them, by the paths in the file
/// @param found the stripped components
record Wrappers(Map<String, String> stripped, Set<String> found) {
    private static final Set<String> LEADING = Set.of("module", "state_dict", "model_state_dict");
    private static final Set<String> ANYWHERE =
            Set.of("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

    static Wrappers of(Framework framework, Collection<String> paths) {
        Map<String, String> stripped = new TreeMap<>();
        paths.forEach(path -> stripped.put(path, path));
        Set<String> found = new TreeSet<>();
        if (framework == Framework.PYTORCH) {
            stripped.replaceAll((_, path) -> withoutMarks(path, found));
            for (String leading = leading(stripped.values());
                    leading != null;
                    leading = leading(stripped.values())) {
                found.add(leading);
                int length = leading.length() + 1;
                stripped.replaceAll((_, path) -> path.substring(length));
            }
        }
        return new Wrappers(stripped, found);
    }

    /// Returns the wrapper that every path begins with, or null. A model may have a child of such a
    /// name; other paths then lack it.
    private static @Nullable String leading(Collection<String> paths) {
        return paths.isEmpty()
                ? null
                : LEADING.stream()
                        .filter(name ->
                                paths.stream().allMatch(path -> path.startsWith(name + ".")))
                        .findFirst()
                        .orElse(null);
    }

    private static String withoutMarks(String path, Set<String> found) {
        List<String> components = Arrays.asList(path.split("\\.", -1));
        components.stream().filter(ANYWHERE::contains).forEach(found::add);
        return components.stream()
                .filter(component -> !ANYWHERE.contains(component))
                .collect(Collectors.joining("."));
    }
}
