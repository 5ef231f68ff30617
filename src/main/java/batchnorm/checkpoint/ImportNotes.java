package batchnorm.checkpoint;

import batchnorm.checkpoint.ImportReport.Note;
import batchnorm.checkpoint.LayerPath.Named;
import batchnorm.layer.LayerName;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Notes on values that a checkpoint does not contain and on the assumptions made instead. Numbers
/// are imported exactly; conventions are not in the file.
final class ImportNotes {
    private ImportNotes() {}

    /// Returns the notes for all layers of a file.
    ///
    /// @param stated the knobs that the file states for every layer
    static List<Note> ofAll(Framework framework, Config config, Set<Knob> stated) {
        List<Note> notes = new ArrayList<>();
        if (!stated.contains(Knob.EPSILON)) {
            notes.add(
                    ofAll(
                            "epsilon",
                            "no tensor holds it: %s is assumed. Where the model has another, give epsilon= or PATCH it"
                                    .formatted(DecimalText.of(config.epsilon()))));
        }
        if (!stated.contains(Knob.MOMENTUM)) {
            notes.add(ofAll("momentum", momentum(config)));
        }
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
        if (!stated.contains(Knob.CHANNEL_AXIS)) {
            notes.add(
                    ofAll(
                            "channel_axis",
                            "no tensor holds the layout of the data: axis %d, %s"
                                    .formatted(
                                            config.channels().axis(),
                                            Knob.word(config.channels().scope()))));
        }
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
        if (config.momentum().value() == null) {
            return "no tensor holds it: a cumulative average is assumed";
        }
        return "no tensor holds it: %s is assumed, as the weight of the %s"
                .formatted(
                        DecimalText.of(config.momentum().value()),
                        config.momentum().meaning() == MomentumMeaning.NEW_WEIGHT
                                ? "new batch (PyTorch's direction)"
                                : "old value (the direction of Keras, ONNX and most others)");
    }

    /// Returns the assumption for a detected framework whose names another one shares.
    static List<Note> ofDetection(Framework framework) {
        if (framework != Framework.KERAS) {
            return List.of();
        }
        return List.of(
                ofAll(
                        "framework",
                        "keras is assumed, whose names tensorflow-1 has too, with epsilon %s in place of %s. Where the model calls tf.nn.batch_normalization, give framework=tensorflow-1"
                                .formatted(
                                        DecimalText.of(Convention.TENSORFLOW_1.config().epsilon()),
                                        DecimalText.of(Convention.KERAS.config().epsilon()))));
    }

    /// Returns the assumed order of numbered tensors.
    static Note ofNumbers(Framework framework) {
        return ofAll(
                "tensors",
                "their numbers are assumed to be in the order of "
                        + (framework == Framework.KERAS
                                ? "Keras 3: gamma, beta, moving_mean, moving_variance"
                                : "Paddle: w_0 scale, b_0 bias, w_1 mean, w_2 variance"));
    }

    /// Returns notes on the model wrappers omitted from the layers' names.
    static List<Note> of(Wrappers wrappers) {
        return wrappers.found().stream()
                .map(wrapper ->
                        ofAll(
                                "name",
                                "\"%s.\" belongs to a wrapper of the model and is not part of the layers' names"
                                        .formatted(wrapper)))
                .toList();
    }

    /// Returns the notes for one layer.
    static List<Note> of(Framework framework, Named named, Map<TensorRole, String> parts) {
        List<Note> notes = new ArrayList<>();
        for (String change : named.changes()) {
            notes.add(new Note(named.name(), "name", change));
        }
        if (framework.countsBatches() && !parts.containsKey(TensorRole.BATCHES)) {
            notes.add(
                    new Note(
                            named.name(),
                            TensorRole.BATCHES.field(),
                            "not in the file, as before PyTorch 0.4.1: it begins at 0"));
        }
        return notes;
    }

    /// Returns notes on a negative running variance.
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
                                                .formatted(
                                                        negative, DecimalText.of(values[negative]))
                                        + " refused where running_var + epsilon is not positive"));
    }

    private static Note ofAll(String what, String why) {
        return new Note(null, what, why);
    }
}
