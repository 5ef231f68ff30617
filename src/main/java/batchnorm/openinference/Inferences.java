package batchnorm.openinference;

import batchnorm.codec.InferenceRequest;
import batchnorm.codec.InvalidField;
import batchnorm.layer.Inferred;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.Passes;
import batchnorm.layer.Precondition;
import batchnorm.layer.Rerun;
import batchnorm.layer.Trained;
import batchnorm.layer.Training;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Runs inference requests as passes of layers.
final class Inferences {
    private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final String CONTEXT_ID = "context_id";
    private static final String SAVE_CONTEXT = "save_context";

    private final Passes passes;
    private final Models models;

    Inferences(Passes passes, Models models) {
        this.passes = passes;
        this.models = models;
    }

    /// @param version that the layer must have; null for any
    Inference run(LayerName name, @Nullable String version, InferenceRequest request) {
        RequestParameters parameters = new RequestParameters(request.parameters());
        return switch (InferOperation.of(parameters)) {
            case FORWARD_INFER -> infer(name, version, request, parameters);
            case FORWARD_TRAIN -> train(name, version, request, parameters);
            case BACKWARD -> backward(name, version, request, parameters);
        };
    }

    private Inference infer(
            LayerName name,
            @Nullable String version,
            InferenceRequest request,
            RequestParameters parameters) {
        Tensor input = InferOperation.FORWARD_INFER.inputs(request, null)[0];
        if (version != null) {
            models.get(name, version);
        }
        Inferred inferred =
                passes.forwardInfer(name, input, parameters.bool(SAVE_CONTEXT, false), null);
        Layer layer = Models.require(inferred.layer(), version);
        Inference inference =
                Inference.at(layer.version())
                        .with(ModelMessages.OUTPUT, inferred.output())
                        .spends(inferred.spent(input));
        if (inferred.contextId() != null) {
            inference.parameters().with(CONTEXT_ID, inferred.contextId());
        }
        return inference;
    }

    private Inference train(
            LayerName name,
            @Nullable String version,
            InferenceRequest request,
            RequestParameters parameters) {
        Tensor input = InferOperation.FORWARD_TRAIN.inputs(request, null)[0];
        boolean saveContext = parameters.bool(SAVE_CONTEXT, true);
        Precondition precondition =
                version == null
                        ? Precondition.NONE
                        : new Precondition(Set.of(models.get(name, version).tag()));
        String key = key(request.id());
        String fingerprint = key == null ? null : StepFingerprint.of(input, saveContext);
        Trained trained =
                passes.forwardTrain(
                        name, input, new Training(saveContext, precondition, key, fingerprint));
        return trained(trained).spends(trained.spent(input));
    }

    /// A request's id, as the key under which its step is counted once.
    private static @Nullable String key(@Nullable String id) {
        if (id == null || id.isEmpty()) {
            return null;
        }
        if (!ID.matcher(id).matches()) {
            throw new InvalidField(
                    "id",
                    "the id of a forward-train must be 1 to 255 visible ASCII characters, such as a UUID:"
                            + " under it the step is counted once");
        }
        return id;
    }

    private static Inference trained(Trained trained) {
        Inference inference =
                Inference.at(trained.version(), trained.commitNanos())
                        .with(ModelMessages.OUTPUT, trained.output())
                        .with("batch_mean", trained.batch().mean())
                        .with("batch_var", trained.batch().variance());
        RunningStatistics running = trained.running();
        if (running != null) {
            inference.with("running_mean", running.mean()).with("running_var", running.variance());
            inference
                    .parameters()
                    .with("num_batches_tracked", (Long) running.batches())
                    .with("alpha", trained.alpha());
        }
        inference
                .parameters()
                .with("count", (Long) (long) trained.batch().count())
                .with("replayed", (Boolean) trained.replayed());
        if (trained.contextId() != null) {
            inference.parameters().with(CONTEXT_ID, trained.contextId());
        }
        return inference;
    }

    private Inference backward(
            LayerName name,
            @Nullable String version,
            InferenceRequest request,
            RequestParameters parameters) {
        String contextId = parameters.text(CONTEXT_ID);
        Mode mode = mode(parameters, contextId);
        Tensor[] inputs = InferOperation.BACKWARD.inputs(request, contextId);
        Layer layer = models.get(name, version);
        Gradients gradients =
                contextId == null
                        ? passes.backward(name, Rerun.of(inputs[1], mode, null), inputs[0])
                        : passes.backward(name, contextId, inputs[0]);
        return Inference.at(layer.version())
                .with("grad_input", gradients.input())
                .with("grad_gamma", gradients.gamma())
                .with("grad_beta", gradients.beta())
                .spends(List.of(gradients.input(), inputs[0]));
    }

    private static Mode mode(RequestParameters parameters, @Nullable String contextId) {
        String word = parameters.text("mode");
        if (word != null && contextId != null) {
            throw new InvalidField(
                    "parameters.mode",
                    "the parameter \"mode\" goes with a backward without \"context_id\"");
        }
        return switch (word) {
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
