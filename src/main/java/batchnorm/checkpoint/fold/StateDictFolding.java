package batchnorm.checkpoint.fold;

import batchnorm.checkpoint.fold.FoldReport.Dropped;
import batchnorm.checkpoint.fold.FoldReport.Folded;
import batchnorm.checkpoint.fold.FoldReport.Left;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.Selection;
import batchnorm.normalization.Affine;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Folding;
import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.InexactFold;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Knob;
import batchnorm.normalization.LinearMap;
import batchnorm.normalization.LinearMap.Kind;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Folds the batch normalization of a PyTorch `state_dict` into the linear layers before it, or
/// behind it where a pair names the normalization first. The file holds neither the order of layers
/// nor epsilon, padding or the kind of a convolution: these are the caller's.
///
/// @param pairs of layers; null to pair by names, and by the order of the file
/// @param transposed the paths of transposed convolutions; other weights of three dimensions or
///   more are convolutions
/// @param epsilon of every normalization
public record StateDictFolding(@Nullable List<Pair> pairs, Set<String> transposed, double epsilon) {
    private static final Set<String> PARTS =
            Set.of(
                    StateDict.WEIGHT,
                    StateDict.BIAS,
                    StateDict.MEAN,
                    StateDict.VARIANCE,
                    "num_batches_tracked");

    /// Selects every tensor.
    public static final Selection ALL =
            new Selection() {
                @Override
                public Set<String> among(Set<String> names) {
                    return names;
                }

                @Override
                public boolean mayBe(String name) {
                    return true;
                }
            };

    /// A folded file.
    ///
    /// @param state the tensors by the names that they had
    public record Result(FoldReport report, Message state) {}

    /// A normalization and the linear layer beside it.
    ///
    /// @param path of the normalization
    /// @param linear the path of the linear layer
    /// @param position of the normalization
    public record FoldPair(
            String path,
            String linear,
            Position position,
            LinearMap map,
            Parameters parameters,
            RunningStatistics running) {}

    /// The pairs of a file, and its normalizations without a linear layer.
    public record FoldPairs(List<FoldPair> pairs, List<Left> left) {}

    /// Returns the pairs of a file that was read with all tensors.
    ///
    /// @throws InvalidField as [#fold]
    public FoldPairs pairs(Checkpoint checkpoint) {
        List<FoldPair> found = new ArrayList<>();
        List<Left> left = forEachPair(new StateDict(checkpoint), checkpoint, found::add);
        return new FoldPairs(found, left);
    }

    /// Work on a pair.
    @FunctionalInterface
    private interface PairWork {
        void accept(FoldPair pair) throws Unfoldable;
    }

    /// Works on the pairs one after the other, because one may change the weights of the next.
    ///
    /// @return the normalizations without a linear layer, or whose work failed
    private List<Left> forEachPair(StateDict layers, Checkpoint checkpoint, PairWork work) {
        List<String> normalizations = normalizations(layers, checkpoint);
        Set<String> transposedPaths = transposedPaths(layers);
        Map<String, Neighbor> neighbors = neighbors(layers, normalizations);
        List<Left> left = new ArrayList<>();
        for (String normalization : normalizations) {
            try {
                Neighbor neighbor = neighbors.get(normalization);
                work.accept(pair(layers, normalization, neighbor, transposedPaths));
            } catch (Unfoldable e) {
                left.add(new Left(normalization, e.reason()));
            }
        }
        return left;
    }

    private static List<String> normalizations(StateDict layers, Checkpoint checkpoint) {
        List<String> normalizations = layers.normalizations();
        if (normalizations.isEmpty()) {
            throw new InvalidField(
                    "pairs",
                    "no batch normalization of PyTorch (running_mean, running_var) is among the %d tensors of the file"
                            .formatted(checkpoint.state().values().size()));
        }
        return normalizations;
    }

    private Set<String> transposedPaths(StateDict layers) {
        Set<String> paths = new HashSet<>();
        transposed.forEach(each -> paths.add(layers.path(each, "transposed")));
        return paths;
    }

    /// Folds a file that was read with all tensors.
    ///
    /// @throws InvalidField when a pair names a layer that the file does not have, or the file has
    ///   no batch normalization
    public Result fold(Checkpoint checkpoint) {
        StateDict layers = new StateDict(checkpoint);
        List<Folded> folded = new ArrayList<>();
        List<Left> left =
                forEachPair(
                        layers,
                        checkpoint,
                        pair -> {
                            fold(layers, pair);
                            folded.add(new Folded(pair.path(), pair.linear()));
                        });
        Set<String> removed = new HashSet<>();
        folded.forEach(each -> removed.add(each.node()));
        return new Result(
                new FoldReport(folded, left, dropped(checkpoint)),
                state(checkpoint, layers, removed));
    }

    /// The linear layer beside a normalization.
    private record Neighbor(String path, Position position) {}

    private Map<String, Neighbor> neighbors(StateDict layers, List<String> normalizations) {
        Map<String, Neighbor> neighbors = new LinkedHashMap<>();
        if (pairs == null) {
            Set<String> taken = new HashSet<>();
            for (String normalization : normalizations) {
                String before = layers.before(normalization);
                if (before != null && taken.add(before)) {
                    neighbors.put(normalization, new Neighbor(before, Position.AFTER));
                }
            }
            return neighbors;
        }
        for (Pair pair : pairs) {
            String first = layers.path(pair.first(), "pairs");
            String second = layers.path(pair.second(), "pairs");
            if (layers.isNormalization(second)) {
                neighbors.put(second, new Neighbor(first, Position.AFTER));
            } else if (layers.isNormalization(first)) {
                neighbors.put(first, new Neighbor(second, Position.BEFORE));
            } else {
                throw new InvalidField(
                        "pairs",
                        "neither %s nor %s has a running_mean and a running_var"
                                .formatted(first, second));
            }
        }
        return neighbors;
    }

    private void fold(StateDict layers, FoldPair pair) throws Unfoldable {
        Config config = Convention.PYTORCH.config().with(Map.of(Knob.EPSILON, epsilon));
        try {
            Affine affine = Affine.of(pair.running(), pair.parameters(), config);
            Folding.Folded folded = Folding.fold(affine, pair.position(), pair.map());
            layers.put(pair.linear(), StateDict.WEIGHT, folded.weight());
            layers.put(pair.linear(), StateDict.BIAS, folded.bias());
        } catch (ShapeMismatch | NonFiniteResult | InexactFold | InvalidConfig e) {
            throw new Unfoldable("into %s: %s".formatted(pair.linear(), e.getMessage()));
        }
    }

    private FoldPair pair(
            StateDict layers,
            String normalization,
            @Nullable Neighbor neighbor,
            Set<String> transposedPaths)
            throws Unfoldable {
        if (neighbor == null) {
            throw new Unfoldable(
                    pairs == null
                            ? "neither names nor the order of the file show the linear layer before it; name it by pairs="
                            : "no pair names it");
        }
        String path = neighbor.path();
        Tensor weight = layers.tensor(path, StateDict.WEIGHT);
        if (weight == null || weight.shape().rank() < 2) {
            throw new Unfoldable("%s has no weight of two dimensions or more".formatted(path));
        }
        Kind kind =
                transposedPaths.contains(path)
                        ? Kind.CONV_TRANSPOSE
                        : weight.shape().rank() == 2 ? Kind.LINEAR : Kind.CONV;
        Map<String, double[]> vectors = vectors(layers, normalization);
        try {
            return new FoldPair(
                    normalization,
                    path,
                    neighbor.position(),
                    new LinearMap(kind, weight, layers.tensor(path, StateDict.BIAS), null, false),
                    new Parameters(vectors.get(StateDict.WEIGHT), vectors.get(StateDict.BIAS)),
                    new RunningStatistics(
                            vectors.getOrDefault(StateDict.MEAN, new double[0]),
                            vectors.getOrDefault(StateDict.VARIANCE, new double[0]),
                            0));
        } catch (ShapeMismatch | InvalidConfig e) {
            throw new Unfoldable("into %s: %s".formatted(path, e.getMessage()));
        }
    }

    private static Map<String, double[]> vectors(StateDict layers, String normalization)
            throws Unfoldable {
        Map<String, double[]> vectors = new HashMap<>();
        int features = -1;
        for (String part :
                List.of(StateDict.MEAN, StateDict.VARIANCE, StateDict.WEIGHT, StateDict.BIAS)) {
            Tensor tensor = layers.tensor(normalization, part);
            if (tensor != null) {
                features = features < 0 ? tensor.shape().elements() : features;
                if (tensor.shape().rank() != 1 || tensor.shape().elements() != features) {
                    throw new Unfoldable(
                            "its %s has shape %s, and not [%d]"
                                    .formatted(part, tensor.shape(), features));
                }
                vectors.put(part, tensor.toDoubles());
            }
        }
        return vectors;
    }

    private static List<Dropped> dropped(Checkpoint checkpoint) {
        List<Dropped> dropped = new ArrayList<>();
        checkpoint.unreadable().forEach((name, why) -> dropped.add(new Dropped(name, why)));
        return dropped;
    }

    /// Returns the tensors in their order, a new bias behind its weight.
    private static Message state(Checkpoint checkpoint, StateDict layers, Set<String> removed) {
        Message state = new Message();
        Set<String> written = new LinkedHashSet<>();
        checkpoint
                .state()
                .values()
                .forEach((name, value) -> {
                    int dot = name.lastIndexOf('.');
                    String path = dot < 0 ? "" : name.substring(0, dot);
                    String part = name.substring(dot + 1);
                    if (dot < 0 || !(removed.contains(path) && PARTS.contains(part))) {
                        Tensor now = dot < 0 ? null : layers.tensor(path, part);
                        state.put(name, now == null ? value : now);
                        Tensor bias = layers.tensor(path, StateDict.BIAS);
                        if (part.equals(StateDict.WEIGHT) && bias != null && written.add(path)) {
                            state.put(path + "." + StateDict.BIAS, bias);
                        }
                    }
                });
        return state;
    }
}
