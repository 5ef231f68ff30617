package batchnorm.checkpoint;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The path components that PyTorch's wrappers add to a `state_dict`. DataParallel and
/// DistributedDataParallel prefix every path with `module`. `torch.compile` inserts `_orig_mod`
/// anywhere; FSDP and activation checkpointing insert their own. Layer names omit them.
///
/// @param stripped the paths without them, by the paths in the file
/// @param found the stripped components
record Wrappers(Map<String, String> stripped, Set<String> found) {
    private static final String MODULE = "module";
    private static final Set<String> ANYWHERE =
            Set.of("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

    static Wrappers of(Framework framework, Collection<String> paths) {
        Map<String, String> stripped = new TreeMap<>();
        paths.forEach(path -> stripped.put(path, path));
        Set<String> found = new TreeSet<>();
        if (framework == Framework.PYTORCH) {
            stripped.replaceAll((_, path) -> withoutMarks(path, found));
            // A model may have a child of this name; other paths then lack the prefix.
            while (!stripped.isEmpty()
                    && stripped.values().stream().allMatch(path -> path.startsWith(MODULE + "."))) {
                found.add(MODULE);
                stripped.replaceAll((_, path) -> path.substring(MODULE.length() + 1));
            }
        }
        return new Wrappers(stripped, found);
    }

    private static String withoutMarks(String path, Set<String> found) {
        List<String> components = Arrays.asList(path.split("\\.", -1));
        components.stream().filter(ANYWHERE::contains).forEach(found::add);
        return components.stream()
                .filter(component -> !ANYWHERE.contains(component))
                .collect(Collectors.joining("."));
    }
}
