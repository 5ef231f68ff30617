package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.layer.AggregateRequest;
import batchnorm.layer.LayerName;
import batchnorm.layer.Precondition;
import batchnorm.normalization.Aggregation;
import batchnorm.normalization.Aggregation.CounterPolicy;
import batchnorm.normalization.Aggregation.ParameterPolicy;
import batchnorm.normalization.Aggregation.StatisticsPolicy;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// An aggregation of several copies of a layer.
///
/// @param sources names of layers; alternative to `parts`
/// @param weights one for each source or part
public record AggregateLayerRequest(
        @Nullable List<String> sources,
        @Nullable List<State> parts,
        @PositiveOrZero double @Nullable [] weights,
        @DefaultValue("pooled") StatisticsPolicy policy,
        @DefaultValue("average") ParameterPolicy parameters,
        @DefaultValue("sum") CounterPolicy counters)
        implements ApiRequest {

    /// The state of a layer from elsewhere.
    @Schema(name = "LayerState")
    public record State(
            double @Nullable [] runningMean,
            double @Nullable [] runningVar,
            double @Nullable [] gamma,
            double @Nullable [] beta,
            @PositiveOrZero @Nullable Long numBatchesTracked,
            @PositiveOrZero @Nullable Double weight) {

        private Aggregation.Source source(String path, double ownWeight) {
            if (numBatchesTracked != null && numBatchesTracked < 0) {
                throw new InvalidField(
                        path + ".num_batches_tracked",
                        "\"%s.num_batches_tracked\" is %d; it must be 0 or more"
                                .formatted(path, numBatchesTracked));
            }
            return new Aggregation.Source(
                    path, path, ownWeight, gamma, beta, runningMean, runningVar, numBatchesTracked);
        }
    }

    /// @throws InvalidField for fields that exclude each other, and for too few or too many sources
    public AggregateLayerRequest {
        if ((sources == null) == (parts == null)) {
            throw new InvalidField(
                    "sources", "one of \"sources\" and \"parts\" is required, and only one");
        }
        String field = sources == null ? "parts" : "sources";
        int count = sources == null ? Objects.requireNonNull(parts).size() : sources.size();
        if (count == 0 || count > Aggregation.MAX_SOURCES) {
            throw new InvalidField(
                    field,
                    "\"%s\" has %d entries; 1 to %d are possible"
                            .formatted(field, count, Aggregation.MAX_SOURCES));
        }
        if (weights != null && weights.length != count) {
            throw new InvalidField(
                    "weights",
                    "\"weights\" has %d numbers, but \"%s\" has %d entries"
                            .formatted(weights.length, field, count));
        }
        if (new Aggregation(policy, parameters, counters).changesNothing()) {
            throw new InvalidField(
                    "policy",
                    "\"policy\", \"parameters\" and \"counters\" are all \"keep\"; nothing would change");
        }
    }

    /// @throws batchnorm.layer.LayerName.InvalidName, batchnorm.normalization.InvalidWeight
    public AggregateRequest aggregation(Precondition ifMatch, Idempotency idempotency) {
        List<LayerName> names = sources == null ? List.of() : names(sources);
        double[] valid = weights(parts == null ? names.size() : parts.size());
        List<Aggregation.Source> states = new ArrayList<>();
        for (State part : Objects.requireNonNullElse(parts, List.<State>of())) {
            String path = "parts[" + states.size() + "]";
            states.add(part.source(path, valid[states.size()]));
        }
        return new AggregateRequest(
                new Aggregation(policy, parameters, counters),
                names,
                valid,
                states,
                ifMatch,
                idempotency.key(),
                idempotency.fingerprint());
    }

    private static List<LayerName> names(List<String> sources) {
        Set<LayerName> names = new HashSet<>();
        List<LayerName> inOrder = new ArrayList<>();
        for (String source : sources) {
            LayerName name = new LayerName(source);
            if (!names.add(name)) {
                String path = "sources[" + inOrder.size() + "]";
                throw new InvalidField(
                        path,
                        "\"%s\" repeats layer \"%s\"; give it a larger weight"
                                .formatted(path, name));
            }
            inOrder.add(name);
        }
        return inOrder;
    }

    private double[] weights(int count) {
        double[] valid = new double[count];
        Arrays.fill(valid, 1);
        boolean own = parts != null && parts.stream().anyMatch(part -> part.weight() != null);
        for (int i = 0; i < count; i++) {
            if (own) {
                valid[i] = ownWeight(i);
            } else if (weights != null) {
                valid[i] = Aggregation.weight("weights[" + i + "]", weights[i]);
            }
        }
        return valid;
    }

    private double ownWeight(int part) {
        String path = "parts[" + part + "].weight";
        Conflicts.rejectPresent(
                "weights",
                weights,
                "\"%s\" and \"" + path + "\" are alternatives; send one of them");
        Double weight = Objects.requireNonNull(parts).get(part).weight();
        if (weight == null) {
            throw new InvalidField(
                    path, "\"" + path + "\" is required, because another part has a weight");
        }
        return Aggregation.weight(path, weight);
    }
}
