package batchnorm.web.api;

import batchnorm.checkpoint.fold.Pair;
import batchnorm.checkpoint.fold.StateDictFolding;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// What a checkpoint without a graph does not state. An ONNX model does.
///
/// @param pairs of layers, `conv1:bn1,fc:norm`; by default the names and the order of the file
/// @param transposed paths of transposed convolutions, separated by commas
public record FoldModelQuery(
        @Nullable String pairs,
        @Nullable String transposed,
        @PositiveOrZero @DefaultValue("1e-5") double epsilon)
        implements ApiRequest {

    public StateDictFolding options() {
        Set<String> paths =
                transposed == null
                        ? Set.of()
                        : Arrays.stream(transposed.split(",", -1))
                                .map(String::strip)
                                .collect(Collectors.toSet());
        return new StateDictFolding(pairs == null ? null : Pair.parse(pairs), paths, epsilon);
    }
}
