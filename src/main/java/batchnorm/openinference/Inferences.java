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

    /// A decoded request.
    ///
    /// @param version the required version of the layer; null for any
    /// @param key the idempotency key of a training step, or null
    record Call(
            LayerName name,
            @Nullable String version,
            InferenceRequest request,
            RequestParameters parameters,
            RequestedOutputs outputs,
            @Nullable StepKey key) {

        Tensor input(String tensor) {
            return Objects.requireNonNull(request.inputs().get(tensor));
        }

        /// Returns one number per sample or channel; null if absent.
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

        /// Returns the statistics for a recomputed forward in train mode, or null.
        @Nullable BatchStatistics batch() {
            double[] mean = vector(InferOperation.BATCH_MEAN);
            double[] variance = vector(InferOperation.BATCH_VAR);
            if (mean == null && variance == null) {
                return null;
            }
            if (mean == null || variance == null) {
                throw new InvalidField(
                        "inputs", "the inputs \"batch_mean\" and \"batch_var\" require each other");
            }
            return new BatchStatistics(0, mean, variance);
        }
    }

    Inference run(InferOperation operation, Call call) {
        return switch (operation) {
            case FORWARD_INFER -> infer(call);
            case FORWARD_TRAIN -> train(call);
            case BACKWARD -> backward(call);
        };
    }

    private Inference infer(Call call) {
        InferOperation.FORWARD_INFER.requireInputs(call.request(), false);
        Tensor input = call.input(ModelMessages.INPUT);
        if (call.version() != null) {
            models.get(call.name(), call.version());
        }
        RequestParameters parameters = call.parameters();
        Inferred inferred =
                passes.forwardInfer(
                        call.name(),
                        input,
                        parameters.bool(RequestWord.SAVE_CONTEXT, false),
                        parameters.number(RequestWord.STATISTICS_BLEND));
        Layer layer = Models.require(inferred.layer(), call.version());
        Inference inference =
                Inference.at(layer.version())
                        .with(ModelMessages.OUTPUT, inferred.output())
                        .spends(inferred.spent(input));
        if (inferred.contextId() != null) {
            inference.parameters().with(RequestWord.CONTEXT_ID.word(), inferred.contextId());
        }
        return inference;
    }

    private Inference train(Call call) {
        InferOperation.FORWARD_TRAIN.requireInputs(call.request(), false);
        if (call.outputs().name(InferOperation.RUNNING_MEAN, InferOperation.RUNNING_VAR)
                && !models.get(call.name(), null).config().trackRunningStats()) {
            call.outputs()
                    .reject(
                            "its track_running_stats is false",
                            InferOperation.RUNNING_MEAN,
                            InferOperation.RUNNING_VAR);
        }
        Tensor input = call.input(ModelMessages.INPUT);
        TrainResult trained = step(call, input, training(call, input));
        boolean statistics = call.parameters().bool(RequestWord.RETURN_STATISTICS, true);
        return trained(trained, statistics).spends(trained.spent(input));
    }

    private TrainRequest training(Call call, Tensor input) {
        RequestParameters parameters = call.parameters();
        boolean saveContext = parameters.bool(RequestWord.SAVE_CONTEXT, true);
        boolean commit = parameters.bool(RequestWord.COMMIT, true);
        Weighting weighting = call.weighting();
        Precondition precondition =
                call.version() == null
                        ? Precondition.NONE
                        : new Precondition(Set.of(models.get(call.name(), call.version()).tag()));
        String key = call.key() == null || !commit ? null : call.key().require();
        String fingerprint = key == null ? null : StepFingerprint.of(input, weighting, saveContext);
        return new TrainRequest(saveContext, commit, weighting, precondition, key, fingerprint);
    }

    /// Names the client's own key and version in errors: the id or the header, and the path.
    private TrainResult step(Call call, Tensor input, TrainRequest training) {
        String keyName = call.key() == null ? StepKey.HEADER : call.key().name();
        try {
            return passes.forwardTrain(call.name(), input, training);
        } catch (IdempotencyKeyReused _) {
            throw new IdempotencyKeyReused(keyName);
        } catch (IdempotencyKeyInProgress _) {
            throw new IdempotencyKeyInProgress(keyName);
        } catch (VersionMismatch e) {
            if (call.version() == null) {
                throw e;
            }
            throw new VersionNotFound(models.get(call.name(), null), call.version());
        }
    }

    /// @param statistics whether to include the batch and running statistics
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

    private Inference backward(Call call) {
        String contextId = call.parameters().text(RequestWord.CONTEXT_ID);
        if (contextId != null) {
            requireOnlyContext(call.parameters());
        }
        Mode mode = mode(call.parameters());
        InferOperation.BACKWARD.requireInputs(call.request(), contextId != null);
        Tensor gradOutput = call.input(InferOperation.GRAD_OUTPUT);
        Layer layer = models.get(call.name(), call.version());
        Gradients gradients =
                contextId == null
                        ? passes.backward(call.name(), recomputed(call, mode), gradOutput)
                        : passes.backward(call.name(), contextId, gradOutput);
        String reason = "without a scale or shift, or with freeze_parameters, there is no gradient";
        if (gradients.gamma() == null) {
            call.outputs().reject(reason, InferOperation.GRAD_GAMMA);
        }
        if (gradients.beta() == null) {
            call.outputs().reject(reason, InferOperation.GRAD_BETA);
        }
        return Inference.at(layer.version())
                .with("grad_input", gradients.input())
                .with(InferOperation.GRAD_GAMMA, gradients.gamma())
                .with(InferOperation.GRAD_BETA, gradients.beta())
                .spends(List.of(gradients.input(), gradOutput));
    }

    /// Returns the forward that a backward without a context recomputes.
    private static StatelessBackward recomputed(Call call, Mode mode) {
        RequestParameters parameters = call.parameters();
        for (String tensor : call.request().inputs().keySet()) {
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
                call.input(ModelMessages.INPUT),
                mode,
                call.batch(),
                call.weighting(),
                parameters.number(RequestWord.STATISTICS_BLEND));
    }

    /// @throws InvalidField when the request has a parameter that the context already holds
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
