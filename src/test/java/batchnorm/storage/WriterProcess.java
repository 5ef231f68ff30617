package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.LayerName;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreUnavailable;
import java.nio.file.Path;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// A program that trains one layer with eight threads until it is killed or its store fails, and
/// says what it was told: `begin key time` before each step, `done key time version` once it was
/// acknowledged. [WriterLog] reads it.
final class WriterProcess {
    static final LayerName NAME = Samples.name("layer");
    static final int FEATURES = 8;

    /// What it exits with when only a restart helps.
    static final int RESTART = 3;

    private static final int WRITERS = 8;

    private WriterProcess() {}

    /// Never ends well by itself.
    ///
    /// @param arguments the data directory, a word that makes this run's keys unlike those of
    ///   others, and how to flush: `FULL` unless it is a control
    public static void main(String[] arguments) throws Exception {
        SqliteLayerStore store =
                new SqliteLayerStore(
                        SqliteSettings.in(Path.of(arguments[0])),
                        Samples.CLOCK,
                        SynchronousMode.valueOf(arguments[2]));
        TrainingClient client = new TrainingClient(store, NAME);
        Writers.inParallel(WRITERS, writer -> train(client, arguments[1], writer));
    }

    private static Object train(TrainingClient client, String run, int writer) {
        for (int i = 0; ; i++) {
            String key = run + "/" + writer + "/" + i;
            say("begin " + key + " " + System.nanoTime());
            try {
                long version = persist(client, key);
                say("done " + key + " " + System.nanoTime() + " " + version);
            } catch (CommitOutcomeUnknown | StoreUnavailable failed) {
                say("failed " + key + " " + failed);
                Runtime.getRuntime().halt(RESTART);
            }
        }
    }

    /// Asks again while the disk is full.
    private static long persist(TrainingClient client, String key) {
        while (true) {
            try {
                return client.step(key, Samples.batch(key.hashCode(), FEATURES));
            } catch (StorageFull full) {
                say("full " + key);
            }
        }
    }

    /// One call per line: the pipe keeps what was written, whatever becomes of the writer.
    private static void say(String line) {
        System.out.print(line + "\n");
        System.out.flush();
    }
}
