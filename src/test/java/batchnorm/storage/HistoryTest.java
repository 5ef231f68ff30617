package batchnorm.storage;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.Layer;
import batchnorm.normalization.BatchStatistics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Tests that the validator detects each kind of violation.
class HistoryTest {
    private final Layer first = Samples.layer(Samples.name("layer"), 3);
    private final List<History.Step> steps = new ArrayList<>();
    private Layer last = first;

    HistoryTest() {
        for (int i = 0; i < 5; i++) {
            BatchStatistics batch = Samples.batch(i, 3);
            last = last.trained(batch, Samples.NOW);
            steps.add(new History.Step("key-" + i, last.version(), batch, 10L * i, 10L * i + 5));
        }
    }

    private List<String> violations() {
        History history = new History();
        steps.forEach(history::add);
        return history.violations(first, last);
    }

    private void change(int index, long version, long begun, long answered) {
        History.Step old = steps.get(index);
        steps.set(index, new History.Step(old.key(), version, old.batch(), begun, answered));
    }

    @Test
    void hasNothingAgainstAnHonestStore() {
        steps.add(steps.get(2)); // a retry with the same result
        assertThat(violations()).isEmpty();
    }

    @Test
    void seesALostUpdate() {
        change(3, steps.get(2).version(), 30, 35);
        assertThat(violations()).anyMatch(violation -> violation.startsWith("lost"));
    }

    @Test
    void seesALostStep() {
        last = first;
        steps.removeLast();
        steps.forEach(step -> last = last.trained(step.batch(), Samples.NOW));
        steps.add(new History.Step("key-4", last.version() + 1, Samples.batch(4, 3), 40, 45));
        assertThat(violations())
                .anyMatch(violation -> violation.contains("the last response reported"));
    }

    @Test
    void seesADoubledStep() {
        steps.remove(2);
        assertThat(violations()).anyMatch(violation -> violation.startsWith("doubled"));
    }

    @Test
    void seesAKeyThatIsTwoSteps() {
        History.Step retried = steps.get(4);
        steps.set(4, new History.Step("key-3", retried.version(), retried.batch(), 40, 45));
        assertThat(violations()).anyMatch(violation -> violation.startsWith("doubled: key"));
    }

    @Test
    void seesAnOrderAgainstTime() {
        change(1, steps.get(1).version(), 25, 27);
        change(2, steps.get(2).version(), 10, 15);
        assertThat(violations()).anyMatch(violation -> violation.startsWith("reversed"));
    }

    @Test
    void seesOneWrongBit() {
        double[] mean = requireNonNull(last.running()).mean();
        mean[1] = Math.nextUp(mean[1]);
        assertThat(violations())
                .containsExactly("the fold of 5 acknowledged batches is not the state of 5");
    }
}
