package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1); // about to wrap

    private long usable = Long.MAX_VALUE;
    private final DiskRoom diskRoom = new DiskRoom(() -> usable, nanos::get);

    @Test
    void isThereUntilAChangeIsRefusedAndAgainAfterACommit() {
        assertThat(diskRoom.isThere(7)).isTrue();
        diskRoom.refused(7);
        assertThat(diskRoom.isThere(7)).isFalse();
        assertThat(diskRoom.isThere(8)).isTrue();
    }

    @Test
    void expiresARefusalWithoutAChange() {
        diskRoom.refused(7);
        nanos.addAndGet(DiskRoom.MEMORY.toNanos() - 1);
        assertThat(diskRoom.isThere(7)).isFalse();
        nanos.incrementAndGet();
        assertThat(diskRoom.isThere(7)).isTrue();
    }

    @Test
    void isNotThereBelowTheFloor() {
        usable = DiskRoom.FLOOR;
        assertThat(diskRoom.isThere(0)).isTrue();
        usable--;
        assertThat(diskRoom.isThere(0)).isFalse();
    }

    @Test
    void isTheFileSystemsFreeSpaceOrNoneWithoutADirectory(@TempDir Path directory) {
        assertThat(DiskRoom.usableBytes(directory)).isPositive();
        assertThat(DiskRoom.usableBytes(directory.resolve("gone"))).isZero();
    }
}
