package batchnorm.codec.keras;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.Message;
import batchnorm.codec.Selection;
import batchnorm.codec.binary.Budget;
import batchnorm.codec.keras.HdfObjects.HdfObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the HDF5 files of Keras: the weights of Keras 3 (`.weights.h5`, and in a `.keras`
/// archive), and models and weights in the format before (`.h5`).
public final class KerasFile {
    private static final String MODEL_CONFIG = "model_config";

    private final HdfObjects file;
    private final Codec.Limits limits;

    private KerasFile(HdfObjects file, Codec.Limits limits) {
        this.file = file;
        this.limits = limits;
    }

    /// Reads the selected variables of a file without an archive.
    ///
    /// @throws batchnorm.codec.MalformedTensor for an inconsistent file
    /// @throws BodyTooLarge when the file or the selected variables are too large
    public static Checkpoint read(Path path, Selection selection, Codec.Limits limits)
            throws IOException {
        return read(path, null, selection, limits);
    }

    /// @param config of the archive around the file, or null
    static Checkpoint read(
            Path path, @Nullable KerasConfig config, Selection selection, Codec.Limits limits)
            throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
                Arena arena = Arena.ofConfined()) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new BodyTooLarge(
                        "an HDF5 file may have at most " + Integer.MAX_VALUE + " bytes");
            }
            ByteBuffer content =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena)
                            .asByteBuffer();
            return new KerasFile(HdfObjects.of(content), limits).read(config, selection);
        }
    }

    private Checkpoint read(@Nullable KerasConfig config, Selection selection) throws IOException {
        HdfObject root = file.root();
        if (config != null) {
            KerasTensors tensors = new KerasTensors(file, config, limits.memory());
            tensors.addVariables(root.address());
            return checkpoint(FileFormat.KERAS, tensors, selection);
        }
        Long legacy = KerasTensors.legacyWeights(file, root);
        KerasTensors tensors = new KerasTensors(file, config(root), limits.memory());
        if (legacy == null) {
            tensors.addVariables(root.address());
            return checkpoint(FileFormat.KERAS_WEIGHTS, tensors, selection);
        }
        tensors.addLegacy(legacy);
        return checkpoint(FileFormat.KERAS_LEGACY, tensors, selection);
    }

    private KerasConfig config(HdfObject root) throws IOException {
        String json = file.text(root, MODEL_CONFIG, KerasConfig.MAX_BYTES);
        if (json == null) {
            return KerasConfig.none();
        }
        limits.memory().reserve(2L * json.length());
        return KerasConfig.read(
                new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), limits);
    }

    private Checkpoint checkpoint(FileFormat format, KerasTensors tensors, Selection selection)
            throws IOException {
        Set<String> names = new LinkedHashSet<>(tensors.arrays().keySet());
        names.addAll(tensors.links().keySet());
        Set<String> selected = selection.among(names);
        Map<String, String> unreadable = new LinkedHashMap<>(tensors.links());
        List<String> skipped = new ArrayList<>();
        Message state = new Message();
        Budget budget = new Budget(limits);
        for (Map.Entry<String, HdfArray> entry : tensors.arrays().entrySet()) {
            HdfArray array = entry.getValue();
            String reason = array.unreadable();
            if (!selected.contains(entry.getKey())) {
                skipped.add(entry.getKey());
            } else if (reason != null) {
                unreadable.put(entry.getKey(), reason);
            } else {
                array.shape(limits);
                budget.take(array.bytes());
                state.put(entry.getKey(), array.read(file, limits));
            }
        }
        return new Checkpoint(format, state, skipped, unreadable, tensors.settings());
    }
}
