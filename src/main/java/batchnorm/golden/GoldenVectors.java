package batchnorm.golden;

import batchnorm.digest.Sha256;
import batchnorm.golden.GoldenStep.State;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Knob.SingleValuePolicy;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The cases of a convention in a datatype, FP64 or FP32.
///
/// @param digest SHA-256 of every name and number; equal digests are equal vectors
public record GoldenVectors(
        Convention convention, DataType dataType, String digest, List<GoldenCase> cases) {

    /// Changes whenever a number, a name or a tolerance changes.
    public static final int VERSION = 1;

    private record Key(Convention convention, DataType dataType) {}

    /// Holds at most one entry for each convention and datatype.
    private static final Map<Key, GoldenVectors> COMPUTED = new ConcurrentHashMap<>();

    /// Returns the vectors, computed on the first call.
    public static GoldenVectors of(Convention convention, DataType dataType) {
        return COMPUTED.computeIfAbsent(new Key(convention, dataType), GoldenVectors::compute);
    }

    private static GoldenVectors compute(Key key) {
        List<GoldenCase> cases =
                plans(key.convention()).stream()
                        .map(plan -> plan.compute(key.convention().config(), key.dataType()))
                        .toList();
        return new GoldenVectors(key.convention(), key.dataType(), digest(cases), cases);
    }

    private static List<CasePlan> plans(Convention convention) {
        List<CasePlan> plans = new ArrayList<>();
        plans.add(
                new CasePlan("smallest", "three rows of two channels", shape(3, 2))
                        .values(1, 2, 3, 4, 5, 6));
        plans.add(
                new CasePlan(
                        "rows",
                        "five steps of batches of different sizes",
                        shape(8, 5),
                        shape(3, 5),
                        shape(16, 5),
                        shape(2, 5),
                        shape(5, 5)));
        plans.add(new CasePlan("sequences", "rank 3", shape(4, 3, 7)));
        plans.add(
                new CasePlan("images", "rank 4, two steps", shape(2, 3, 4, 5), shape(3, 3, 4, 5)));
        plans.add(
                new CasePlan("given-statistics", "running statistics of 7 batches", shape(6, 4))
                        .givenStatistics());
        plans.add(
                new CasePlan("constant-channel", "variance 0 in channel 0", shape(8, 3))
                        .firstChannelConstant());
        plans.add(
                new CasePlan("small-variance", "a variance far below epsilon", shape(16, 3))
                        .spread(1e-4));
        if (convention.config().policies().singleValue() == SingleValuePolicy.ZERO_VARIANCE) {
            plans.add(new CasePlan("single-value", "one value per channel", shape(1, 4)));
        }
        plans.add(conditioned("1e2", 1e2));
        plans.add(conditioned("1e4", 1e4));
        plans.add(conditioned("1e6", 1e6));
        return plans;
    }

    private static CasePlan conditioned(String text, double ratio) {
        return new CasePlan("condition-" + text, "|mean|/std is " + text, shape(64, 2))
                .condition(ratio);
    }

    private static int[] shape(int... dimensions) {
        return dimensions;
    }

    private static String digest(List<GoldenCase> cases) {
        Hash hash = new Hash();
        hash.add(VERSION);
        for (GoldenCase each : cases) {
            hash.add(each.name()).add(each.condition()).add(each.gamma()).add(each.beta());
            hash.add(each.binary64()).add(each.working());
            each.steps().forEach(hash::add);
        }
        return hash.hex();
    }

    /// The numbers of vectors as big-endian binary64, each array after its length.
    private static final class Hash {
        private final MessageDigest sha = Sha256.create();

        Hash add(String text) {
            sha.update(text.getBytes(StandardCharsets.UTF_8));
            return this;
        }

        Hash add(double... numbers) {
            ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * (numbers.length + 1));
            bytes.putDouble(numbers.length);
            for (double number : numbers) {
                bytes.putDouble(number);
            }
            sha.update(bytes.array());
            return this;
        }

        private Hash add(@Nullable Tensor tensor) {
            return tensor == null ? add() : add(tensor.toDoubles());
        }

        Hash add(Tolerance tolerance) {
            return add(tolerance.forward(), tolerance.backward(), tolerance.state());
        }

        void add(GoldenStep step) {
            add(step.input()).add(step.gradOutput()).add(step.output()).add(step.gradInput());
            add(step.gradGamma()).add(step.gradBeta()).add(step.gradInputScale());
            if (step.batchMean() != null && step.batchVariance() != null) {
                add(step.batchMean()).add(step.batchVariance());
            }
            State state = step.state();
            if (state != null) {
                add(state.meanBefore()).add(state.varianceBefore());
                add(state.meanAfter()).add(state.varianceAfter()).add((double) state.batches());
            }
        }

        String hex() {
            return HexFormat.of().formatHex(sha.digest());
        }
    }
}
