package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests that only the owner can read the layers and the secret.
class FilePermissionsTest {
    @TempDir private Path directory;

    @BeforeEach
    void needsPosix() {
        assumeTrue(directory.getFileSystem().supportedFileAttributeViews().contains("posix"));
    }

    @Test
    void aNewDirectoryAndItsFilesAreTheOwnersOnly() throws IOException {
        Path data = directory.resolve("new/data");
        try (SqliteLayerStore store = open(data)) {
            assertThat(permissions(data)).isEqualTo("rwx------");
            assertThat(permissions(directory.resolve("new"))).isEqualTo("rwx------");
            assertThat(files(data))
                    .containsKeys("batchnorm.db", "batchnorm.db-wal", "batchnorm.db-shm")
                    .allSatisfy((name, mode) -> assertThat(mode).as(name).isEqualTo("rw-------"));
            store.backUp(directory.resolve("copy.db"));
        }
        assertThat(permissions(directory.resolve("copy.db"))).isEqualTo("rw-------");
    }

    @Test
    void filesOfAnEarlierVersionLoseThePermissionsOfOthers() throws IOException {
        open(directory).close();
        for (String name : files(directory).keySet()) {
            Files.setPosixFilePermissions(
                    directory.resolve(name), PosixFilePermissions.fromString("rw-r--r--"));
        }
        try (SqliteLayerStore store = open(directory)) {
            assertThat(store.state().isReady()).isTrue();
            assertThat(files(directory).values()).containsOnly("rw-------");
        }
    }

    @Test
    void aDirectoryThatIsThereStaysAsItIs() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        open(directory).close();
        assertThat(permissions(directory)).isEqualTo("rwxr-xr-x");
    }

    @Test
    void whatAKilledBackupLeftIsGoneAfterAStart() throws IOException {
        Files.writeString(directory.resolve("batchnorm.copy"), "x");
        Files.writeString(directory.resolve("batchnorm.copy.unfinished"), "x");
        open(directory).close();
        assertThat(files(directory).keySet()).noneMatch(name -> name.contains("copy"));
    }

    private static SqliteLayerStore open(Path data) {
        return new SqliteLayerStore(SqliteSettings.in(data), Samples.CLOCK);
    }

    private static Map<String, String> files(Path data) throws IOException {
        Map<String, String> modes = new TreeMap<>();
        try (Stream<Path> files = Files.list(data)) {
            for (Path file : files.toList()) {
                modes.put(file.getFileName().toString(), permissions(file));
            }
        }
        return modes;
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
