package batchnorm.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.layer.ContextBudgetExceeded;
import batchnorm.layer.ContextStore;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerNotFound;
import batchnorm.layer.LayerPatch;
import batchnorm.layer.Layers;
import batchnorm.layer.Passes;
import batchnorm.layer.Precondition;
import batchnorm.layer.Replica;
import batchnorm.layer.ShardedSteps;
import batchnorm.layer.TrainRequest;
import batchnorm.layer.TrainResult;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.Moments;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.normalization.SingleValue;
import batchnorm.storage.SqliteLayerStore;
import batchnorm.storage.SqliteSettings;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests groups over the real store and the real operator.
///
/// Tolerance: FP64 sums of some hundred terms in another order, 1e-13 of the largest value.
class SyncGroupsTest {
    private static final double TOLERANCE = 1e-13;
    private static final int CHANNELS = 3;
    private static final int[] ROWS = {100, 1, 0, 56};
    private static final LayerName ALONE = new LayerName("alone");
    private static final LayerName TOGETHER = new LayerName("together");

    private final SqliteLayerStore store;
    private final ContextStore contexts;
    private final Layers layers;
    private final Passes passes;
    private final ShardedSteps steps;
    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());
    private final SyncGroups groups;
    private final Random random = RandomSeed.random(1);
    private final double[] input = random.doubles(157 * CHANNELS, 1e6, 1e6 + 1).toArray();
    private final double[] gradient = random.doubles(157 * CHANNELS, -1, 1).toArray();
    private Instant now = Instant.EPOCH;

    SyncGroupsTest(@TempDir Path directory) {
        store = new SqliteLayerStore(SqliteSettings.in(directory), () -> now);
        contexts = new ContextStore(1 << 20, Duration.ofMinutes(1), () -> now, here());
        layers = new Layers(store, contexts, () -> now);
        passes = new Passes(layers, store, contexts, operator);
        steps = new ShardedSteps(layers, store, contexts, operator);
        groups = groups(here());
        for (LayerName name : List.of(ALONE, TOGETHER)) {
            layers.create(name, Convention.PYTORCH.config(), new LayerPatch(config -> config));
        }
    }

    private Replica here() {
        return new Replica("here", store.secret());
    }

    private SyncGroups groups(Replica replica) {
        CollectiveLimits limits = new CollectiveLimits(3, 3, Duration.ofMinutes(1));
        return new SyncGroups(layers, steps, contexts, operator, limits, () -> now, replica);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void normalizeAndDifferentiateAsOneBigBatch() throws Exception {
        TrainResult alone = passes.forwardTrain(ALONE, tensor(input), TrainRequest.PLAIN);
        Gradients expected =
                passes.backward(ALONE, Objects.requireNonNull(alone.contextId()), tensor(gradient));
        String group = open();
        List<SyncTrained> trained = forward(group, 7, List.of(0, 1, 2, 3));
        check(alone.output().toDoubles(), outputs(trained));
        for (SyncTrained each : trained) {
            assertThat(each.step().batch().count()).isEqualTo(157);
            check(alone.batch().variance(), each.step().batch().variance());
            assertThat(each.step().version()).isEqualTo(2);
        }
        List<SyncGradients> gradients = backward(group, 7, List.of(0, 1, 2, 3));
        check(
                expected.input().toDoubles(),
                gradients.stream()
                        .map(each -> Objects.requireNonNull(each.input()).toDoubles())
                        .flatMapToDouble(Arrays::stream)
                        .toArray());
        for (SyncGradients each : gradients) {
            check(Objects.requireNonNull(expected.gamma()), Objects.requireNonNull(each.gamma()));
            check(Objects.requireNonNull(expected.beta()), Objects.requireNonNull(each.beta()));
        }
        assertThat(layers.get(TOGETHER).batches()).isEqualTo(1);
    }

    @Test
    void returnTheSameBitsInAnyOrderOfArrival() throws Exception {
        String group = open();
        double[] first = outputs(forward(group, 0, List.of(0, 1, 2, 3)));
        double[] firstGradients = gradients(backward(group, 0, List.of(0, 1, 2, 3)));
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
        for (int step = 1; step <= 20; step++) {
            Collections.shuffle(order, random);
            assertThat(outputs(forward(group, step, order))).containsExactly(first);
            assertThat(gradients(backward(group, step, order))).containsExactly(firstGradients);
        }
        assertThat(layers.get(TOGETHER).batches()).isEqualTo(21);
    }

    @Test
    void answerAMemberThatComesAgainTheSameBitsAndCountOnce() throws Exception {
        String group = open();
        List<SyncTrained> trained = forward(group, 0, List.of(0, 1, 2, 3));
        SyncTrained again = groups.forwardTrain(group, part(0, 0), shard(0), true);
        assertThat(again.replayed()).isTrue();
        assertThat(again.tag()).isEqualTo(trained.getFirst().tag());
        assertThat(Objects.requireNonNull(again.output()).toDoubles())
                .containsExactly(Objects.requireNonNull(trained.getFirst().output()).toDoubles());
        double[] gradients = gradients(backward(group, 0, List.of(0, 1, 2, 3)));
        assertThat(gradients(backward(group, 0, List.of(3, 2, 1, 0)))).containsExactly(gradients);
        assertThat(layers.get(TOGETHER).batches()).isEqualTo(1);
    }

    @Test
    void refuseWhatContradictsTheStep() throws Exception {
        String group = open();
        forward(group, 5, List.of(0, 1, 2, 3));
        conflicts(
                () -> groups.forwardTrain(group, new SyncPart(0, 5, "other"), shard(1), true),
                "rank 0");
        conflicts(() -> groups.forwardTrain(group, part(0, 4), shard(0), true), "step 6");
        conflicts(() -> groups.forwardTrain(group, part(0, 7), shard(0), true), "step 6");
        conflicts(() -> groups.backward(group, part(0, 4), shard(0)), "step is 5");
        for (int rank : new int[] {-1, 4}) {
            assertThatThrownBy(() -> groups.forwardTrain(group, part(rank, 6), shard(0), true))
                    .isInstanceOf(InvalidCollective.class)
                    .hasMessageContaining("0 to 3");
        }
        assertThatThrownBy(() -> groups.forwardTrain(group, part(0, 6), rows(2, 2), true))
                .isInstanceOf(ShapeMismatch.class);
        Tensor spoiled = Tensor.of(Shape.of(1, 3), 1, Double.NaN, 2);
        assertThatThrownBy(() -> groups.forwardTrain(group, part(0, 6), spoiled, true))
                .isInstanceOf(NonFiniteValue.class);
        forward(group, 6, List.of(0, 1, 2, 3));
    }

    private static void conflicts(ThrowingCallable call, String detail) {
        assertThatThrownBy(call).isInstanceOf(PartConflict.class).hasMessageContaining(detail);
    }

    @Test
    void nameMissingRanksKeepTheLayerAndAllowRetries() throws Exception {
        String group = groups.open(TOGETHER, 4, Duration.ofMillis(300)).id();
        long version = layers.get(TOGETHER).version();
        List<Future<SyncTrained>> results = Workers.all(forwards(group, 0, List.of(0, 2)));
        for (Future<SyncTrained> result : results) {
            assertThat(Workers.failure(result))
                    .isInstanceOf(SyncTimeout.class)
                    .hasMessageContaining("ranks 1, 3");
        }
        assertThat(layers.get(TOGETHER).version()).isEqualTo(version);
        assertThat(contexts.promisedBytes()).isZero();
        forward(group, 0, List.of(3, 1, 2, 0));
        assertThat(layers.get(TOGETHER).batches()).isEqualTo(1);
    }

    @Test
    void failTogetherAndChangeNothing() throws Exception {
        String group = groups.open(TOGETHER, 2, Duration.ofSeconds(30)).id();
        List<Future<SyncTrained>> results =
                Workers.all(
                        () -> groups.forwardTrain(group, part(0, 0), rows(1, 3), true),
                        () -> groups.forwardTrain(group, part(1, 0), rows(0, 3), true));
        for (Future<SyncTrained> result : results) {
            assertThat(Workers.failure(result)).isInstanceOf(SingleValue.class);
        }
        assertThat(contexts.promisedBytes()).isZero();
        assertThat(layers.get(TOGETHER).batches()).isZero();
    }

    @Test
    void ofNothingAtAllCountNothing() throws Exception {
        String group = groups.open(TOGETHER, 2, Duration.ofSeconds(30)).id();
        List<Future<SyncTrained>> results =
                Workers.all(
                        () -> groups.forwardTrain(group, part(0, 0), rows(0, 3), true),
                        () -> groups.forwardTrain(group, part(1, 0), rows(0, 3), true));
        assertThat(results.getFirst().get().step().batch().isEmpty()).isTrue();
        assertThat(layers.get(TOGETHER).batches()).isZero();
        assertThat(layers.get(TOGETHER).features()).isNull();
    }

    @Test
    void letMembersKeepTheirTensors() throws Exception {
        String group = groups.open(TOGETHER, 2, Duration.ofSeconds(30)).id();
        String other = groups.open(ALONE, 2, Duration.ofSeconds(30)).id();
        Moments moments = operator.moments(shard(3), Convention.PYTORCH.config());
        List<Future<SyncTrained>> mixed =
                Workers.all(
                        () -> groups.forwardTrain(group, part(0, 0), shard(0), true),
                        () -> groups.forwardTrain(group, part(1, 0), moments));
        List<Future<SyncTrained>> tensors =
                Workers.all(
                        () -> groups.forwardTrain(other, part(0, 0), shard(0), true),
                        () -> groups.forwardTrain(other, part(1, 0), shard(3), true));
        assertThat(mixed.get(1).get().output()).isNull();
        double[] mean = mixed.getFirst().get().step().batch().mean();
        assertThat(mean).containsExactly(tensors.getFirst().get().step().batch().mean());

        double[] sum = new double[CHANNELS];
        double[] product = new double[CHANNELS];
        double[] x = shard(3).toDoubles();
        for (int i = 0; i < x.length; i++) {
            sum[i % CHANNELS] += x[i] - 1e6;
            product[i % CHANNELS] += (x[i] - 1e6) * (x[i] - mean[i % CHANNELS]);
        }
        double[] dy = Arrays.stream(x).map(v -> v - 1e6).toArray();
        List<Future<SyncGradients>> ofMixed =
                Workers.all(
                        () -> groups.backward(group, part(0, 0), shard(0)),
                        () -> groups.backward(group, part(1, 0), sum, product));
        List<Future<SyncGradients>> ofTensors =
                Workers.all(
                        () -> groups.backward(other, part(0, 0), shard(0)),
                        () -> groups.backward(other, part(1, 0), tensor(dy)));
        check(
                Objects.requireNonNull(ofTensors.get(1).get().gamma()),
                Objects.requireNonNull(ofMixed.get(1).get().gamma()));
        check(ofTensors.get(1).get().total().sum(), ofMixed.get(1).get().total().sum());
    }

    @Test
    void expireWhenUnused() {
        String group = open();
        now = now.plusSeconds(59);
        assertThatThrownBy(() -> groups.backward(group, part(0, 0), shard(0)))
                .as("a use")
                .isInstanceOf(PartConflict.class);
        now = now.plusSeconds(60);
        assertThatThrownBy(() -> groups.backward(group, part(0, 0), shard(0)))
                .isInstanceOf(CollectiveGone.class);
        assertThatThrownBy(() -> groups.backward("nonsense", part(0, 0), shard(0)))
                .isInstanceOf(CollectiveNotFound.class);
        assertThatThrownBy(() -> groups(here()).backward(group, part(0, 0), shard(0)))
                .as("after a restart")
                .isInstanceOf(CollectiveGone.class);
        assertThatThrownBy(() ->
                        groups(new Replica("there", store.secret()))
                                .backward(group, part(0, 0), shard(0)))
                .as("at another replica")
                .isInstanceOf(MadeElsewhere.class)
                .hasMessageContaining("send all requests");
    }

    @Test
    void areBoundedAndGiveTheirMemoryBack() throws Exception {
        assertThatThrownBy(() -> groups.open(new LayerName("none"), 1, Duration.ofSeconds(1)))
                .isInstanceOf(LayerNotFound.class);
        String group = open();
        open();
        open();
        assertThatThrownBy(this::open).isInstanceOf(CollectiveLimit.class);
        forward(group, 0, List.of(0, 1, 2, 3));
        assertThat(contexts.promisedBytes()).isPositive();
        now = now.plusSeconds(61);
        open();
        assertThat(contexts.promisedBytes() + contexts.spareBytes()).isZero();
        String large = groups.open(TOGETHER, 2, Duration.ofSeconds(30)).id();
        assertThatThrownBy(() -> groups.forwardTrain(large, part(0, 0), rows(50_000, 3), true))
                .as("refused before it waits")
                .isInstanceOf(ContextBudgetExceeded.class);
    }

    @Test
    void goOnWithTheKnobsThatTheLayerHas() throws Exception {
        String group = open();
        forward(group, 0, List.of(0, 1, 2, 3));
        layers.revise(
                TOGETHER,
                Precondition.NONE,
                new LayerPatch(config -> config)
                        .with(LayerPatch.Vector.GAMMA, new double[] {2, 2, 2}));
        double[] doubled = outputs(forward(group, 1, List.of(0, 1, 2, 3)));
        TrainResult alone = passes.forwardTrain(ALONE, tensor(input), TrainRequest.PLAIN);
        check(Arrays.stream(alone.output().toDoubles()).map(y -> 2 * y).toArray(), doubled);
    }

    private String open() {
        return groups.open(TOGETHER, ROWS.length, Duration.ofSeconds(30)).id();
    }

    private List<SyncTrained> forward(String group, long step, List<Integer> order)
            throws Exception {
        return inRankOrder(Workers.all(forwards(group, step, order)), order);
    }

    private List<Callable<SyncTrained>> forwards(String group, long step, List<Integer> order) {
        List<Callable<SyncTrained>> work = new ArrayList<>();
        for (int rank : order) {
            work.add(() -> groups.forwardTrain(group, part(rank, step), shard(rank), true));
        }
        return work;
    }

    private List<SyncGradients> backward(String group, long step, List<Integer> order)
            throws Exception {
        List<Callable<SyncGradients>> work = new ArrayList<>();
        for (int rank : order) {
            work.add(() -> groups.backward(group, part(rank, step), slice(gradient, rank)));
        }
        return inRankOrder(Workers.all(work), order);
    }

    private static <T> List<T> inRankOrder(List<Future<T>> results, List<Integer> order)
            throws Exception {
        List<T> sorted = new ArrayList<>();
        for (int rank = 0; rank < order.size(); rank++) {
            sorted.add(results.get(order.indexOf(rank)).get());
        }
        return sorted;
    }

    private static SyncPart part(int rank, long step) {
        return new SyncPart(rank, step, "body of rank " + rank);
    }

    private Tensor shard(int rank) {
        return slice(input, rank);
    }

    private static Tensor slice(double[] values, int rank) {
        int from = Arrays.stream(ROWS).limit(rank).sum() * CHANNELS;
        return tensor(Arrays.copyOfRange(values, from, from + ROWS[rank] * CHANNELS));
    }

    private static Tensor rows(int rows, int channels) {
        return Tensor.of(Shape.of(rows, channels), new double[rows * channels]);
    }

    private static Tensor tensor(double[] values) {
        return Tensor.of(Shape.of(values.length / CHANNELS, CHANNELS), values);
    }

    private static double[] outputs(List<SyncTrained> trained) {
        return trained.stream()
                .map(each -> Objects.requireNonNull(each.output()).toDoubles())
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    private static double[] gradients(List<SyncGradients> gradients) {
        return gradients.stream()
                .map(each -> Objects.requireNonNull(each.input()).toDoubles())
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    private static void check(double[] expected, double[] got) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.length; i++) {
            assertThat(Math.abs(got[i] - expected[i])).isLessThanOrEqualTo(TOLERANCE * largest);
        }
    }
}
