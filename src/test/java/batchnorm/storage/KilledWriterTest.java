package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a writer with `kill -9` during training. Every acknowledged step survives, and a step in
/// flight counts once after its retry.
///
/// This detects a step acknowledged before its commit, a key outside its step's transaction, and a
/// log that does not recover. It does not detect `synchronous=OFF`, because the operating system
/// survives and writes its pages. The pragma check at the start and `faults/power-loss` cover that.
@Tag("slow")
@Tag("fault")
class KilledWriterTest {
    private static final int ROUNDS = Integer.getInteger("batchnorm.kill.rounds", 5);

    @TempDir Path directory;
    private final WriterLog log = new WriterLog();
    private final SplittableRandom random = RandomSeed.splittable(22);

    private SqliteLayerStore open() {
        return new SqliteLayerStore(SqliteSettings.in(directory), Samples.CLOCK);
    }

    @Test
    void losesNothingAndDoublesNothing() throws Exception {
        try (SqliteLayerStore store = open()) {
            WriterLog.create(store);
        }
        for (int round = 1; round <= ROUNDS; round++) {
            trainUntilKilled(round);
            try (SqliteLayerStore store = open()) {
                assertThat(log.retryAndCheck(store))
                        .as("after %d kills and %d steps", round, log.size())
                        .isEmpty();
            }
        }
    }

    private void trainUntilKilled(int round) throws Exception {
        int steps = random.nextInt(20, 400);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                WriterProcess.class.getName(),
                                directory.toString(),
                                String.valueOf(round),
                                "FULL")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (BufferedReader lines = process.inputReader()) {
            assertThat(log.read(lines, steps)).as("steps before the kill").isEqualTo(steps);
            process.toHandle().destroyForcibly(); // keeps the output readable, unlike Process
            log.read(lines, Integer.MAX_VALUE);
        }
        assertThat(process.waitFor()).as("ended by the kill").isEqualTo(128 + 9);
    }
}
