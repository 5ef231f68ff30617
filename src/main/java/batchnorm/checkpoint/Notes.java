package batchnorm.checkpoint;

import batchnorm.checkpoint.Found.FoundLayer;
import batchnorm.checkpoint.Found.Note;
import batchnorm.layer.LayerName;
import batchnorm.normalization.Config;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a checkpoint does not say, and what was assumed. Numbers are carried exactly; a convention
/// is not among them.
final class Notes {
    private Notes() {}

    /// What is true of every layer of a file.
    static List<Note> ofAll(Framework framework, Config config) {
        List<Note> notes = new ArrayList<>();
        notes.add(
                ofAll(
                        "epsilon",
                        "no tensor holds it: %s is assumed. Where the model has another, say epsilon= or PATCH it"
                                .formatted(config.epsilon())));
        notes.add(ofAll("momentum", momentum(config)));
        notes.add(
                ofAll(
                        "running_var",
                        "carried as it is, though the file does not say what it averages: %s counts batches %s (Bessel's"
                                        .formatted(
                                                framework.word(),
                                                Knob.word(
                                                        framework
                                                                .convention()
                                                                .config()
                                                                .runningVariance()))
                                + " factor m/(m-1) or none); those from now on count "
                                + Knob.word(config.runningVariance())));
        notes.add(
                ofAll(
                        "channel_axis",
                        "no tensor holds the layout of the data: axis %d, %s"
                                .formatted(config.channelAxis(), Knob.word(config.scope()))));
        if (framework == Framework.MXNET) {
            notes.add(
                    ofAll(
                            "gamma",
                            "carried as it is. A model with fix_gamma, the symbol API's default, computes with 1"
                                    + " whatever the file holds: PATCH gamma to null there"));
        }
        if (!framework.countsBatches()) {
            notes.add(
                    ofAll(
                            "num_batches_tracked",
                            framework.word()
                                    + " does not count batches: it begins at 0, which matters to a cumulative average"
                                    + " only (momentum null)"));
        }
        return notes;
    }

    private static String momentum(Config config) {
        if (config.momentum() == null) {
            return "no tensor holds it: a cumulative average is assumed";
        }
        return "no tensor holds it: %s is assumed, as the weight of the %s"
                .formatted(
                        config.momentum(),
                        config.momentumMeaning() == MomentumMeaning.NEW_WEIGHT
                                ? "new batch (PyTorch's direction)"
                                : "old value (the direction of Keras, ONNX and most others)");
    }

    /// What is particular about one layer.
    static List<Note> of(Framework framework, String path, FoundLayer layer) {
        List<Note> notes = new ArrayList<>();
        if (!LayerPath.keeps(path)) {
            notes.add(
                    new Note(
                            layer.layer().name(),
                            "name",
                            "the path in the file has characters that a layer's name cannot have"));
        }
        if (framework.countsBatches() && !layer.tensors().containsKey(Part.BATCHES.field())) {
            notes.add(
                    new Note(
                            layer.layer().name(),
                            Part.BATCHES.field(),
                            "not in the file, as before PyTorch 0.4.1: it begins at 0"));
        }
        return notes;
    }

    /// What is wrong with a layer's running variance.
    static List<Note> ofVariance(LayerName layer, @Nullable Object variance) {
        double[] values = variance instanceof Tensor tensor ? tensor.toDoubles() : new double[0];
        int negative = RunningStatistics.firstNegative(values);
        return negative < 0
                ? List.of()
                : List.of(
                        new Note(
                                layer,
                                "running_var",
                                "running_var[%d] is %s, which no variance is; it is carried as it is, and inference is"
                                                .formatted(negative, values[negative])
                                        + " refused where running_var + epsilon is not positive"));
    }

    private static Note ofAll(String what, String why) {
        return new Note(null, what, why);
    }
}
