package batchnorm.checkpoint.fold;

import batchnorm.codec.Codec;
import batchnorm.codec.onnx.ScratchFile;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A model, and the result of folding it.
record FoldedFile(Path original, Path file, FoldReport report) {
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 20, 16);

    static FoldedFile of(Path original) throws IOException {
        Path folded = original.resolveSibling(original.getFileName() + ".folded");
        try (FileChannel source = FileChannel.open(original);
                ScratchFile scratch = ScratchFile.create();
                OutputStream out = Files.newOutputStream(folded)) {
            OnnxFolding.Result result = OnnxFolding.fold(source, scratch, LIMITS);
            result.content().writeTo(out);
            out.flush();
            if (Files.size(folded) != result.content().length()) {
                throw new AssertionError(
                        Files.size(folded) + " bytes, and not " + result.content().length());
            }
            return new FoldedFile(original, folded, result.report());
        }
    }

    /// Returns the largest difference of the outputs, in relation to the largest output.
    double difference(Map<String, Tensor> inputs) throws IOException {
        Map<String, Tensor> expected = Evaluator.run(original, inputs);
        Map<String, Tensor> found = Evaluator.run(file, inputs);
        if (!expected.keySet().equals(found.keySet())) {
            throw new AssertionError(found.keySet() + ", and not " + expected.keySet());
        }
        double worst = 0;
        for (Map.Entry<String, Tensor> each : expected.entrySet()) {
            Tensor folded = found.getOrDefault(each.getKey(), each.getValue());
            worst = Math.max(worst, difference(each.getValue(), folded));
        }
        return worst;
    }

    static double difference(Tensor expected, Tensor found) {
        if (!expected.shape().equals(found.shape())) {
            throw new AssertionError(found.shape() + ", and not " + expected.shape());
        }
        double largest = Double.MIN_NORMAL;
        double difference = 0;
        for (int i = 0; i < expected.shape().elements(); i++) {
            largest = Math.max(largest, Math.abs(expected.at(i)));
            difference = Math.max(difference, Math.abs(expected.at(i) - found.at(i)));
        }
        return difference / largest;
    }

    /// Returns the reasons by node.
    Map<String, String> reasons() {
        Map<String, String> reasons = new LinkedHashMap<>();
        report.left().forEach(left -> reasons.put(left.node(), left.reason()));
        return reasons;
    }
}
