package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.StoreState;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomTest {
    private long usable = Long.MAX_VALUE;
    private final DiskRoom diskRoom = new DiskRoom(() -> usable);

    @Test
    void isFullBelowTheFloorAndNamesTheFreeBytes() {
        usable = DiskRoom.FLOOR;
        assertThat(diskRoom.state()).isEqualTo(StoreState.READY);
        usable--;
        assertThat(diskRoom.state().kind()).isEqualTo(StoreState.Kind.FULL);
        assertThat(diskRoom.state().reason()).contains("16777215 free bytes");
    }

    @Test
    void isTheFileSystemsFreeSpaceOrNoneWithoutADirectory(@TempDir Path directory) {
        assertThat(DiskRoom.usableBytes(directory)).isPositive();
        assertThat(DiskRoom.usableBytes(directory.resolve("gone"))).isZero();
    }
}
