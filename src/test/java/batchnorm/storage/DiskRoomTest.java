package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1); // about to wrap, as it may

    @TempDir private Path directory;

    @Test
    void isThereUntilAChangeIsRefusedAndAgainAfterACommit() {
        DiskRoom room = new DiskRoom(directory, nanos::get);
        assertThat(room.isThere(7)).isTrue();
        room.refused(7);
        assertThat(room.isThere(7)).isFalse();
        assertThat(room.isThere(8)).isTrue();
    }

    @Test
    void isTriedAgainWhenNobodyMadeAChangeForAWhile() {
        DiskRoom room = new DiskRoom(directory, nanos::get);
        room.refused(7);
        nanos.addAndGet(DiskRoom.MEMORY.toNanos() - 1);
        assertThat(room.isThere(7)).isFalse();
        nanos.incrementAndGet();
        assertThat(room.isThere(7)).isTrue();
    }

    @Test
    void isNotThereWhereTheDirectoryIsGone() {
        assertThat(new DiskRoom(directory.resolve("gone"), nanos::get).isThere(0)).isFalse();
    }
}
