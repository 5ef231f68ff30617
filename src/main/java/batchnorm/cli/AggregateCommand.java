package batchnorm.cli;

import batchnorm.checkpoint.Export;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerPatch;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.Aggregation;
import batchnorm.normalization.Aggregation.CounterPolicy;
import batchnorm.normalization.Aggregation.ParameterPolicy;
import batchnorm.normalization.Aggregation.Result;
import batchnorm.normalization.Aggregation.Source;
import batchnorm.normalization.Aggregation.StatisticsPolicy;
import batchnorm.normalization.InvalidWeight;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Aggregates the batch normalization of several checkpoints of one model.
@Command(
        name = "aggregate",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Aggregates the batch normalization of checkpoints of one model, as federated averaging does. OUT has the batch-normalization tensors alone.",
            ""
        })
final class AggregateCommand implements Runnable {
    @CommandLine.Parameters(
            arity = "2..*",
            paramLabel = "FILE... OUT",
            hideParamSyntax = true,
            description =
                    "The model files, and at the end the file to write; - for standard output.")
    private List<String> files = List.of();

    @Option(
            names = "--weights",
            split = ",",
            paramLabel = "W",
            description =
                    "One weight for each file, 0 or more, separated by commas. Default: equal.")
    private double @Nullable [] weights;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            defaultValue = "pooled",
            description =
                    "Of running statistics: pooled (default), mean_of_variances, statistics_of_largest, or keep: those of the first file.")
    private StatisticsPolicy statistics = StatisticsPolicy.POOLED;

    @Option(
            names = "--parameters",
            paramLabel = "POLICY",
            defaultValue = "average",
            description = "Of gamma and beta: average (default), or keep: those of the first file.")
    private ParameterPolicy parameters = ParameterPolicy.AVERAGE;

    @Option(
            names = "--counters",
            paramLabel = "POLICY",
            defaultValue = "sum",
            description =
                    "Of num_batches_tracked: sum (default), max, or keep: that of the first file.")
    private CounterPolicy counters = CounterPolicy.SUM;

    @Mixin private NamesOptions names = new NamesOptions();
    @Mixin private ExportOptions options = new ExportOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final StandardStreams streams;

    AggregateCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public void run() {
        OutputFile output = options.output(files.getLast());
        List<String> sources = files.subList(0, files.size() - 1);
        double[] valid = weights(sources.size());
        Aggregation rules = new Aggregation(statistics, parameters, counters);
        if (sources.size() > Aggregation.MAX_SOURCES || rules.changesNothing()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "1 to %d files can be aggregated, and not everything can be \"keep\""
                            .formatted(Aggregation.MAX_SOURCES));
        }
        List<ModelLayers> models = new ArrayList<>();
        for (String source : sources) {
            models.add(ModelLayers.read(new InputFile(source), names, streams));
        }
        requireSameModel(sources, models);
        ModelLayers first = models.getFirst();
        Export export = new Export(first.framework(), "", datatype(models), options.exact());
        new InputFile(sources.getFirst())
                .checked(() -> aggregated(rules, sources, models, valid).addTo(export));
        options.write(export, output, streams);
        options.report(first.layers().size(), export, output, streams);
    }

    private double[] weights(int count) {
        double[] given = weights;
        double[] valid = new double[count];
        if (given != null && given.length != count) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--weights has %d numbers, but there are %d files"
                            .formatted(given.length, count));
        }
        for (int i = 0; i < count; i++) {
            valid[i] = given == null ? 1 : weight("--weights[" + i + "]", given[i]);
        }
        if (Arrays.stream(valid).allMatch(each -> each == 0)) {
            throw new ParameterException(spec.commandLine(), "all weights are 0");
        }
        return valid;
    }

    private double weight(String path, double value) {
        try {
            return Aggregation.weight(path, value);
        } catch (InvalidWeight e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static void requireSameModel(List<String> files, List<ModelLayers> models) {
        ModelLayers first = models.getFirst();
        for (int i = 1; i < models.size(); i++) {
            ModelLayers other = models.get(i);
            if (other.framework() != first.framework()) {
                throw new FileProblem(
                        files.get(i),
                        "its tensors are named as in %s, but those of %s as in %s"
                                .formatted(
                                        other.framework().word(),
                                        files.getFirst(),
                                        first.framework().word()));
            }
            requireLayers(files.get(i), other, files.getFirst(), first);
            requireLayers(files.getFirst(), first, files.get(i), other);
        }
    }

    private static void requireLayers(
            String file, ModelLayers model, String otherFile, ModelLayers other) {
        TreeSet<String> missing = new TreeSet<>(other.layers().keySet());
        missing.removeAll(model.layers().keySet());
        if (!missing.isEmpty()) {
            throw new FileProblem(
                    file,
                    "has no layer \"%s\", which %s has".formatted(missing.getFirst(), otherFile));
        }
    }

    private static DataType widest(List<ModelLayers> models) {
        return models.stream().anyMatch(model -> model.widest() == DataType.FP64)
                ? DataType.FP64
                : DataType.FP32;
    }

    private DataType datatype(List<ModelLayers> models) {
        return options.datatype(widest(models));
    }

    private static ModelLayers aggregated(
            Aggregation rules, List<String> files, List<ModelLayers> models, double[] weights) {
        ModelLayers first = models.getFirst();
        Map<String, Layer> layers = new LinkedHashMap<>();
        first.layers()
                .forEach((path, layer) -> {
                    List<Source> sources = new ArrayList<>();
                    for (int i = 0; i < models.size(); i++) {
                        Layer source = Objects.requireNonNull(models.get(i).layers().get(path));
                        sources.add(source(files.get(i), path, source, weights[i]));
                    }
                    layers.put(path, next(layer, rules.of(sources)));
                });
        return new ModelLayers(first.framework(), layers, first.widest(), List.of());
    }

    private static Source source(String file, String path, Layer layer, double weight) {
        Parameters own = Objects.requireNonNull(layer.parameters());
        RunningStatistics running = layer.running();
        return new Source(
                path,
                file + ": " + path,
                weight,
                own.gamma(),
                own.beta(),
                running == null ? null : running.mean(),
                running == null ? null : running.variance(),
                running == null ? null : running.batches());
    }

    private static Layer next(Layer layer, Result result) {
        LayerPatch patch = new LayerPatch(UnaryOperator.identity()).withAnyVariance();
        put(patch, Vector.GAMMA, result.gamma());
        put(patch, Vector.BETA, result.beta());
        put(patch, Vector.RUNNING_MEAN, result.mean());
        put(patch, Vector.RUNNING_VAR, result.variance());
        return layer.revised(patch.withBatches(result.batches()), layer.updatedAt());
    }

    private static void put(LayerPatch patch, Vector vector, double @Nullable [] values) {
        if (values != null) {
            patch.with(vector, values);
        }
    }
}
