package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import batchnorm.layer.IdempotencyKeyInProgress;
import batchnorm.layer.IdempotencyKeyReused;
import batchnorm.layer.Inferred;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Passes;
import batchnorm.layer.Precondition;
import batchnorm.layer.StatelessBackward;
import batchnorm.layer.TrainRequest;
import batchnorm.layer.TrainResult;
import batchnorm.layer.VersionMismatch;
import batchnorm.layer.VersionNotFound;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.Weighting;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Runs inference requests as passes of layers.
final class Inferences {
    private final Passes passes;
    private final Models models;

    Inferences(Passes passes, Models models) {
        this.passes = passes;
        this.models = models;
    }

    /// A request that was read.
    ///
    /// @param version that the layer must have; null for any
    /// @param key under which a training step is counted once, or null
    record Asked(
            LayerName name,
            @Nullable String version,
            InferenceRequest request,
            RequestParameters parameters,
            RequestedOutputs outputs,
            @Nullable StepKey key) {

        Tensor input(String tensor) {
            return Objects.requireNonNull(request.inputs().get(tensor));
        }

        /// One number for each sample or channel; null where it is not given.
        double @Nullable [] vector(String tensor) {
            Tensor given = request.inputs().get(tensor);
            if (given == null) {
                return null;
            }
            if (given.shape().rank() != 1) {
                throw new InvalidField(
                        "inputs",
                        "the input \"%s\" must have one dimension, but its shape is %s"
                                .formatted(tensor, given.shape()));
            }
            return given.toDoubles();
        }

        Weighting weighting() {
            return new Weighting(
                    request.inputs().get(InferOperation.MASK), vector(InferOperation.WEIGHTS));
        }

        /// The statistics that a backward in train mode was given, or null.
        @Nullable BatchStatistics batch() {
            double[] mean = vector(InferOperation.BATCH_MEAN);
            double[] variance = vector(InferOperation.BATCH_VAR);
            if (mean == null && variance == null) {
                return null;
            }
            if (mean == null || variance == null) {
                throw new InvalidField(
                        "inputs", "the inputs \"batch_mean\" and \"batch_var\" go together");
            }
            return new BatchStatistics(0, mean, variance);
        }
    }

    Inference run(InferOperation operation, Asked asked) {
        return switch (operation) {
            case FORWARD_INFER -> infer(asked);
            case FORWARD_TRAIN -> train(asked);
            case BACKWARD -> backward(asked);
        };
    }

    private Inference infer(Asked asked) {
        InferOperation.FORWARD_INFER.requireInputs(asked.request(), false);
        Tensor input = asked.input(ModelMessages.INPUT);
        if (asked.version() != null) {
            models.get(asked.name(), asked.version());
        }
        RequestParameters parameters = asked.parameters();
        Inferred inferred =
                passes.forwardInfer(
                        asked.name(),
                        input,
                        parameters.bool(RequestWord.SAVE_CONTEXT, false),
                        parameters.number(RequestWord.STATISTICS_BLEND));
        Layer layer = Models.require(inferred.layer(), asked.version());
        Inference inference =
                Inference.at(layer.version())
                        .with(ModelMessages.OUTPUT, inferred.output())
                        .spends(inferred.spent(input));
        if (inferred.contextId() != null) {
            inference.parameters().with(RequestWord.CONTEXT_ID.word(), inferred.contextId());
        }
        return inference;
    }

    private Inference train(Asked asked) {
        InferOperation.FORWARD_TRAIN.requireInputs(asked.request(), false);
        if (asked.outputs().name(InferOperation.RUNNING_MEAN, InferOperation.RUNNING_VAR)
                && !models.get(asked.name(), null).config().trackRunningStats()) {
            asked.outputs()
                    .refuse(
                            "its track_running_stats is false",
                            InferOperation.RUNNING_MEAN,
                            InferOperation.RUNNING_VAR);
        }
        Tensor input = asked.input(ModelMessages.INPUT);
        TrainResult trained = step(asked, input, training(asked, input));
        boolean statistics = asked.parameters().bool(RequestWord.RETURN_STATISTICS, true);
        return trained(trained, statistics).spends(trained.spent(input));
    }

    private TrainRequest training(Asked asked, Tensor input) {
        RequestParameters parameters = asked.parameters();
        boolean saveContext = parameters.bool(RequestWord.SAVE_CONTEXT, true);
        boolean commit = parameters.bool(RequestWord.COMMIT, true);
        Weighting weighting = asked.weighting();
        Precondition precondition =
                asked.version() == null
                        ? Precondition.NONE
                        : new Precondition(Set.of(models.get(asked.name(), asked.version()).tag()));
        String key = asked.key() == null || !commit ? null : asked.key().require();
        String fingerprint = key == null ? null : StepFingerprint.of(input, weighting, saveContext);
        return new TrainRequest(saveContext, commit, weighting, precondition, key, fingerprint);
    }

    /// Names in errors what the caller gave: the id for a key, the path for a condition.
    private TrainResult step(Asked asked, Tensor input, TrainRequest training) {
        String keyName = asked.key() == null ? StepKey.HEADER : asked.key().name();
        try {
            return passes.forwardTrain(asked.name(), input, training);
        } catch (IdempotencyKeyReused _) {
            throw new IdempotencyKeyReused(keyName);
        } catch (IdempotencyKeyInProgress _) {
            throw new IdempotencyKeyInProgress(keyName);
        } catch (VersionMismatch late) {
            if (asked.version() == null) {
                throw late;
            }
            throw new VersionNotFound(models.get(asked.name(), null), asked.version());
        }
    }

    /// @param statistics whether those of the batch and the running ones are told
    private static Inference trained(TrainResult trained, boolean statistics) {
        Inference inference =
                Inference.at(trained.version(), trained.commitNanos())
                        .with(ModelMessages.OUTPUT, trained.output());
        RunningStatistics running = trained.running();
        if (statistics) {
            BatchStatistics batch = trained.batch();
            inference
                    .with(InferOperation.BATCH_MEAN, batch.mean())
                    .with(InferOperation.BATCH_VAR, batch.variance())
                    .withCount(batch.count());
            if (running != null) {
                inference
                        .with(InferOperation.RUNNING_MEAN, running.mean())
                        .with(InferOperation.RUNNING_VAR, running.variance())
                        .parameters()
                        .with("num_batches_tracked", (Long) running.batches());
            }
        }
        if (running != null) {
            inference.parameters().with("alpha", trained.alpha());
        }
        inference.parameters().with("replayed", (Boolean) trained.replayed());
        if (trained.contextId() != null) {
            inference.parameters().with(RequestWord.CONTEXT_ID.word(), trained.contextId());
        }
        return inference;
    }

    private Inference backward(Asked asked) {
        String contextId = asked.parameters().text(RequestWord.CONTEXT_ID);
        if (contextId != null) {
            requireOnlyContext(asked.parameters());
        }
        Mode mode = mode(asked.parameters());
        InferOperation.BACKWARD.requireInputs(asked.request(), contextId != null);
        Tensor gradOutput = asked.input(InferOperation.GRAD_OUTPUT);
        Layer layer = models.get(asked.name(), asked.version());
        Gradients gradients =
                contextId == null
                        ? passes.backward(asked.name(), rerun(asked, mode), gradOutput)
                        : passes.backward(asked.name(), contextId, gradOutput);
        String reason = "without a scale or shift, or with freeze_parameters, there is no gradient";
        if (gradients.gamma() == null) {
            asked.outputs().refuse(reason, InferOperation.GRAD_GAMMA);
        }
        if (gradients.beta() == null) {
            asked.outputs().refuse(reason, InferOperation.GRAD_BETA);
        }
        return Inference.at(layer.version())
                .with("grad_input", gradients.input())
                .with(InferOperation.GRAD_GAMMA, gradients.gamma())
                .with(InferOperation.GRAD_BETA, gradients.beta())
                .spends(List.of(gradients.input(), gradOutput));
    }

    /// The forward that a backward without a context repeats.
    private static StatelessBackward rerun(Asked asked, Mode mode) {
        RequestParameters parameters = asked.parameters();
        for (String tensor : asked.request().inputs().keySet()) {
            if (mode == Mode.INFER
                    && (InferOperation.WEIGHTING.contains(tensor)
                            || InferOperation.STATISTICS.contains(tensor))) {
                throw new InvalidField(
                        "inputs",
                        "the input \"%s\" belongs to mode \"train\", not to \"infer\""
                                .formatted(tensor));
            }
        }
        if (mode == Mode.TRAIN && parameters.has(RequestWord.STATISTICS_BLEND)) {
            throw new InvalidField(
                    "parameters.statistics_blend",
                    "the parameter \"statistics_blend\" belongs to mode \"infer\", not to \"train\"");
        }
        return new StatelessBackward(
                asked.input(ModelMessages.INPUT),
                mode,
                asked.batch(),
                asked.weighting(),
                parameters.number(RequestWord.STATISTICS_BLEND));
    }

    /// @throws InvalidField when the request names what the context has already
    private static void requireOnlyContext(RequestParameters parameters) {
        for (RequestWord word : List.of(RequestWord.MODE, RequestWord.STATISTICS_BLEND)) {
            if (parameters.has(word)) {
                throw new InvalidField(
                        "parameters." + word.word(),
                        "the parameter \"%s\" goes with a backward without \"context_id\"; the context has its own"
                                .formatted(word.word()));
            }
        }
    }

    private static Mode mode(RequestParameters parameters) {
        return switch (parameters.text(RequestWord.MODE)) {
            case null -> Mode.TRAIN;
            case "train" -> Mode.TRAIN;
            case "infer" -> Mode.INFER;
            default ->
                    throw new InvalidField(
                            "parameters.mode",
                            "the parameter \"mode\" must be \"train\" or \"infer\"");
        };
    }
}
