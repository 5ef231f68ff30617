package batchnorm.layer;

import static batchnorm.layer.Registry.BATCH;
import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.START;
import static batchnorm.layer.Registry.features;
import static batchnorm.layer.Registry.plain;
import static batchnorm.layer.Registry.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.InvalidMoments;
import batchnorm.normalization.Moments;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.Variant;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayersTest {
    private static final Precondition ANOTHER_VERSION = new Precondition(Set.of("other-1"));
    private static final Moments OTHERS =
            Moments.of(4, new double[] {10, 20}, new double[] {8, 16});

    private final Path directory;
    private Registry registry;

    LayersTest(@TempDir Path directory) {
        this.directory = directory;
        this.registry = new Registry(directory);
    }

    private Layers layers() {
        return registry.layers;
    }

    private Layer create(LayerPatch revision) {
        return layers().create(NAME, PYTORCH, revision);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void answerTheLayerThatIsCreated() {
        Layer created = create(features(2));
        assertThat(created.createdAt()).isEqualTo(START);
        assertThat(layers().get(NAME)).isEqualTo(created);
        assertThatThrownBy(() -> create(unchanged()))
                .isInstanceOf(LayerExists.class)
                .hasMessageContaining("layer \"demo\" exists already");
        assertThat(layers().get(NAME)).isEqualTo(created);
    }

    @Test
    void nameAMissingLayer() {
        ThrowingCallable[] calls = {
            () -> layers().get(NAME),
            () -> layers().revise(NAME, Precondition.NONE, unchanged()),
            () -> layers().delete(NAME, Precondition.NONE)
        };
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call)
                    .isInstanceOf(LayerNotFound.class)
                    .hasMessageContaining("no layer \"demo\"");
        }
    }

    @Test
    void keepTimeToTheMicrosecond() {
        registry.now = START.plusNanos(1_234_567);
        assertThat(create(unchanged()).createdAt()).isEqualTo(START.plusNanos(1_234_000));
    }

    @Test
    void changeALayerOnlyAtTheVersionThatWasMeant() {
        Layer first = create(features(2));
        ThrowingCallable[] changes = {
            () -> layers().revise(NAME, ANOTHER_VERSION, unchanged()),
            () -> layers().reset(NAME, ANOTHER_VERSION),
            () -> layers().convert(NAME, ANOTHER_VERSION, Convention.KERAS, false),
            () -> layers().convert(NAME, ANOTHER_VERSION, Convention.KERAS, true),
            () -> layers().install(NAME, ANOTHER_VERSION, OTHERS, 1),
            () -> layers().merge(NAME, ANOTHER_VERSION, OTHERS, 1),
            () -> layers().delete(NAME, ANOTHER_VERSION)
        };
        for (ThrowingCallable change : changes) {
            assertThatThrownBy(change)
                    .isInstanceOf(VersionMismatch.class)
                    .hasMessageContaining(first.tag());
            assertThat(layers().get(NAME)).isEqualTo(first);
        }
        Precondition current = new Precondition(Set.of("other-1", first.tag()));
        Layer second = layers().revise(NAME, current, unchanged());
        assertThat(second.version()).isEqualTo(2);
        assertThat(layers().get(NAME)).isEqualTo(second);
        Layer third = layers().reset(NAME, new Precondition(Set.of(second.tag())));
        assertThat(layers().get(NAME)).isEqualTo(third);
    }

    @Test
    void convertALayerToAnotherConvention() {
        Layer layer = create(features(2));
        registry.now = START.plusSeconds(1);
        Converted tried = layers().convert(NAME, Precondition.NONE, Convention.KERAS, true);
        assertThat(tried.layer().config().convention()).isEqualTo(Convention.KERAS);
        assertThat(tried.layer().version()).isEqualTo(1);
        assertThat(tried.layer().updatedAt()).isEqualTo(START);
        assertThat(layers().get(NAME)).isEqualTo(layer);

        Converted made = layers().convert(NAME, Precondition.NONE, Convention.KERAS, false);
        assertThat(made.layer().version()).isEqualTo(2);
        assertThat(made.layer().updatedAt()).isEqualTo(registry.now);
        assertThat(made.layer().features()).isEqualTo(2);
        assertThat(layers().get(NAME)).isEqualTo(made.layer());
        assertThat(made.conversion().knobs()).isNotEmpty();
    }

    @Test
    void installAndMergeExternalPopulations() {
        create(unchanged());
        Layer installed = layers().install(NAME, Precondition.NONE, OTHERS, 3);
        assertThat(layers().get(NAME)).isEqualTo(installed);
        assertThat(installed.batches()).isEqualTo(3);
        assertThat(running(installed).mean()).containsExactly(10, 20);
        assertThat(running(installed).variance()).containsExactly(8.0 / 3, 16.0 / 3);

        Layer merged = layers().merge(NAME, Precondition.NONE, OTHERS, 4);
        assertThat(layers().get(NAME)).isEqualTo(merged);
        assertThat(merged.batches()).isEqualTo(4);
        assertThat(running(merged).mean()).containsExactly(10, 20);
        assertThat(running(merged).variance())
                .containsExactly(new double[] {16.0 / 7, 32.0 / 7}, within(1e-14));
        Layer replaced = layers().merge(NAME, Precondition.NONE, OTHERS, 0);
        assertThat(running(replaced).variance()).containsExactly(8.0 / 3, 16.0 / 3);
    }

    @Test
    void refuseAPopulationThatCannotBeInstalled() {
        create(features(2));
        Moments empty = Moments.of(0, new double[2], new double[2]);
        assertThatThrownBy(() -> layers().install(NAME, Precondition.NONE, empty, 1))
                .isInstanceOf(InvalidMoments.class)
                .hasMessageContaining("count is 0");
        assertThatThrownBy(() -> layers().install(NAME, Precondition.NONE, OTHERS, -1))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("num_batches_tracked is -1");
        assertThat(layers().install(NAME, Precondition.NONE, OTHERS, 0).batches()).isZero();
        assertThatThrownBy(() -> layers().merge(NAME, Precondition.NONE, OTHERS, -1))
                .isInstanceOf(InvalidMoments.class)
                .hasMessageContaining("running_count is -1");
        LayerName bare = new LayerName("bare");
        layers().create(bare, Convention.PURE_PYTHON.config(), features(2));
        assertThatThrownBy(() -> layers().install(bare, Precondition.NONE, OTHERS, 1))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("nothing can be installed");
        LayerName frozen = new LayerName("frozen");
        Variant statistics = new Variant(true, false, 0, null, null);
        layers().create(frozen, PYTORCH.with(statistics), features(2));
        assertThatThrownBy(() -> layers().merge(frozen, Precondition.NONE, OTHERS, 1))
                .isInstanceOf(LayerFrozen.class);
    }

    @Test
    void createAllOrNone() {
        List<Layer> made = layers().createAll(List.of(plain("b"), plain("a")), false);
        assertThat(made)
                .extracting(Layer::name)
                .extracting(LayerName::value)
                .containsExactly("a", "b");
        assertThat(layers().get(new LayerName("a"))).isEqualTo(made.getFirst());
        assertThatThrownBy(() -> layers().createAll(List.of(plain("b"), plain("c")), false))
                .isInstanceOf(LayerExists.class)
                .hasMessageStartingWith("layer \"b\" exists already, and nothing was created");
        assertThatThrownBy(() ->
                        layers().createAll(List.of(plain("b"), plain("c"), plain("a")), false))
                .isInstanceOf(LayerExists.class)
                .hasMessageStartingWith("2 layers, \"a\", \"b\" exist already");
        assertThat(layers().list(10, null)).hasSize(2);
    }

    @Test
    void nameTheFirstOfVeryManyThatAreTaken() {
        List<NewLayer> requested = IntStream.range(10, 31).mapToObj(i -> plain("n" + i)).toList();
        layers().createAll(requested, false);
        assertThatThrownBy(() -> layers().createAll(requested, false))
                .hasMessageStartingWith("21 layers, \"n10\", ")
                .hasMessageContaining("\"n29\", … exist already");
        assertThatThrownBy(() -> layers().createAll(requested.subList(0, 20), false))
                .hasMessageContaining("\"n29\" exist already");
    }

    @Test
    void replaceALayerByItsNextVersionAndKeepWhatItHeld() {
        Layer old = create(unchanged());
        TrainRequest step = new TrainRequest(true, Precondition.NONE, "key", "request");
        registry.passes.forwardTrain(NAME, BATCH, step);
        Layer made = layers().createAll(List.of(plain("demo"), plain("other")), true).getFirst();
        assertThat(made.incarnation()).isEqualTo(old.incarnation());
        assertThat(made.version()).isEqualTo(3);
        assertThat(made.createdAt()).isEqualTo(old.createdAt());
        assertThat(layers().get(NAME)).isEqualTo(made);
        assertThat(layers().get(new LayerName("other")).version()).isEqualTo(1);
        assertThat(registry.contexts.size()).isEqualTo(1);
        assertThat(registry.passes.forwardTrain(NAME, BATCH, step).replayed()).isTrue();
    }

    @Test
    void forgetADeletedLayerAndItsContexts() {
        create(unchanged());
        registry.passes.forwardTrain(NAME, BATCH, TrainRequest.PLAIN);
        layers().delete(NAME, Precondition.NONE);
        assertThat(registry.contexts.size()).isZero();
        assertThatThrownBy(() -> layers().get(NAME)).isInstanceOf(LayerNotFound.class);
    }

    @Test
    void deleteEvenWhatIsDamagedButDoNotReplaceIt() throws SQLException {
        create(features(2));
        layers().create(new LayerName("other"), PYTORCH, features(2));
        registry.close();
        Registry.damage(directory, NAME);
        Registry.damage(directory, new LayerName("other"));
        registry = new Registry(directory);
        assertThatThrownBy(() -> layers().get(NAME)).isInstanceOf(LayerCorrupt.class);
        assertThatThrownBy(() -> layers().createAll(List.of(plain("demo")), false))
                .isInstanceOf(LayerExists.class);
        assertThatThrownBy(() -> layers().createAll(List.of(plain("demo")), true))
                .isInstanceOf(LayerCorrupt.class);
        layers().delete(NAME, Precondition.NONE);
        layers().createAll(List.of(plain("demo")), true);
        assertThat(layers().get(NAME).version()).isEqualTo(1);
        layers().delete(new LayerName("other"), ANOTHER_VERSION);
        assertThat(layers().list(10, null)).extracting(LayerSummary::name).containsExactly(NAME);
    }

    @Test
    void findAllNamesThatBeginSo() {
        layers().createAll(List.of(plain("a"), plain("c"), plain("b-"), plain("b")), false);
        List<NewLayer> many =
                IntStream.range(0, 300).mapToObj(i -> plain("b.%03d".formatted(i))).toList();
        layers().createAll(many, false);
        assertThat(layers().under("b.", 1000))
                .containsExactlyElementsOf(many.stream().map(NewLayer::name).toList());
        assertThat(layers().under("b.", 256)).hasSize(256);
        assertThat(layers().under("b.", 1)).containsExactly(new LayerName("b.000"));
        assertThat(layers().under("", 1000)).hasSize(304);
        assertThat(layers().under("c", 1000)).containsExactly(new LayerName("c"));
        assertThat(layers().under("d", 1000)).isEmpty();
    }

    @Test
    void areListedInPagesByName() {
        layers().createAll(List.of(plain("a"), plain("c"), plain("b")), false);
        assertThat(layers().list(2, null))
                .extracting(layer -> layer.name().value())
                .containsExactly("a", "b");
        assertThat(layers().list(2, new LayerName("b")))
                .extracting(layer -> layer.name().value())
                .containsExactly("c");
    }

    private static RunningStatistics running(Layer layer) {
        return Objects.requireNonNull(layer.running());
    }
}
