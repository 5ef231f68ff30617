package batchnorm.management;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.LayerName;
import batchnorm.layer.LayerNotFound;
import batchnorm.layer.Overloaded;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreState.Kind;
import batchnorm.layer.StoreUnavailable;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentFailureTest {
    private final Exception cause = new IllegalStateException("the cause");
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1); // about to wrap
    private final RecentFailure failures = new RecentFailure(nanos::get);

    @Test
    void aFailedChangeCountsUntilACommit() {
        assertThat(failures.state(7).isReady()).isTrue();
        failures.record(new StorageFull(cause), false, 7);
        assertThat(failures.state(7).kind()).isEqualTo(Kind.FULL);
        assertThat(failures.state(7).reason()).contains("the cause");
        failures.readSucceeded();
        assertThat(failures.state(7).kind()).isEqualTo(Kind.FULL);
        assertThat(failures.state(8).isReady()).isTrue();
    }

    @Test
    void aFailureExpiresWithoutAChange() {
        failures.record(new StorageFull(cause), false, 7);
        nanos.addAndGet(RecentFailure.MEMORY.toNanos() - 1);
        assertThat(failures.state(7).isReady()).isFalse();
        nanos.incrementAndGet();
        assertThat(failures.state(7).isReady()).isTrue();
    }

    @Test
    void aFailedReadCountsUntilARead() {
        failures.record(new StoreUnavailable("no", cause), true, 7);
        assertThat(failures.state(7).kind()).isEqualTo(Kind.UNAVAILABLE);
        failures.readSucceeded();
        assertThat(failures.state(7).isReady()).isTrue();
    }

    @Test
    void damageCountsUntilItExpiresBecauseOtherBytesAreSound() {
        failures.record(new StoreUnavailable("no", cause, Kind.DAMAGED), true, 7);
        failures.readSucceeded();
        assertThat(failures.state(8).kind()).isEqualTo(Kind.DAMAGED);
        nanos.addAndGet(RecentFailure.MEMORY.toNanos());
        assertThat(failures.state(8).isReady()).isTrue();
    }

    @Test
    void aStoreThatHasStoppedNeverRecovers() {
        failures.record(new StoreUnavailable("no", cause, Kind.STOPPED), false, 7);
        nanos.addAndGet(2 * RecentFailure.MEMORY.toNanos());
        assertThat(failures.state(8).kind()).isEqualTo(Kind.STOPPED);
    }

    @Test
    void waitingForALockIsAFailureAndMereLoadIsNot() {
        assertThat(failures.record(new Overloaded("a full queue"), false, 7)).isFalse();
        assertThat(failures.record(new LayerNotFound(new LayerName("x")), false, 7)).isFalse();
        assertThat(failures.record(new StoreUnavailable("shutting down", null), false, 7))
                .isFalse();
        assertThat(failures.state(7).isReady()).isTrue();
        assertThat(failures.record(new Overloaded("a lock", cause), false, 7)).isTrue();
        assertThat(failures.state(7).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void aFailureThatIsOverIsStillReported() {
        assertThat(failures.takeUnreported()).isNull();
        failures.record(new StoreUnavailable("no", cause), true, 7);
        failures.readSucceeded();
        assertThat(failures.takeUnreported()).isNotNull();
        assertThat(failures.takeUnreported()).isNull();
    }
}
