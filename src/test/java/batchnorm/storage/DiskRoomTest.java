package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1); // about to wrap, as it may

    private long usable = Long.MAX_VALUE;
    private final DiskRoom room = new DiskRoom(() -> usable, nanos::get);

    @Test
    void isThereUntilAChangeIsRefusedAndAgainAfterACommit() {
        assertThat(room.isThere(7)).isTrue();
        room.refused(7);
        assertThat(room.isThere(7)).isFalse();
        assertThat(room.isThere(8)).isTrue();
    }

    @Test
    void isTriedAgainWhenNobodyMadeAChangeForAWhile() {
        room.refused(7);
        nanos.addAndGet(DiskRoom.MEMORY.toNanos() - 1);
        assertThat(room.isThere(7)).isFalse();
        nanos.incrementAndGet();
        assertThat(room.isThere(7)).isTrue();
    }

    @Test
    void isNotThereBelowTheFloor() {
        usable = DiskRoom.FLOOR;
        assertThat(room.isThere(0)).isTrue();
        usable--;
        assertThat(room.isThere(0)).isFalse();
    }

    @Test
    void isWhatTheFileSystemSaysAndNoneWhereTheDirectoryIsGone(@TempDir Path directory) {
        assertThat(DiskRoom.usableBytes(directory)).isPositive();
        assertThat(DiskRoom.usableBytes(directory.resolve("gone"))).isZero();
    }
}
