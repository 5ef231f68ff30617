package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.LayerName;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreUnavailable;
import java.nio.file.Path;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// A program that trains one layer with eight threads until it is killed or its store fails. It
/// prints `begin key time` before each step and `done key time version` once it is acknowledged.
/// [WriterLog] reads its output.
final class WriterProcess {
    static final LayerName NAME = Samples.name("layer");
    static final int FEATURES = 8;

    /// The exit code when only a restart helps.
    static final int RESTART = 3;

    private static final int WRITERS = 8;

    private WriterProcess() {}

    /// Runs until killed or failed.
    ///
    /// @param arguments the data directory, a prefix that makes this run's keys unique, and the
    ///   synchronous mode: `FULL` except for a control
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
            print("begin " + key + " " + System.nanoTime());
            try {
                long version = persist(client, key);
                print("done " + key + " " + System.nanoTime() + " " + version);
            } catch (CommitOutcomeUnknown | StoreUnavailable failed) {
                print("failed " + key + " " + failed);
                Runtime.getRuntime().halt(RESTART);
            }
        }
    }

    /// Retries while the disk is full.
    private static long persist(TrainingClient client, String key) {
        while (true) {
            try {
                return client.step(key, Samples.batch(key.hashCode(), FEATURES));
            } catch (StorageFull full) {
                print("full " + key);
            }
        }
    }

    /// Writes one line per call: the pipe keeps it when the writer is killed.
    private static void print(String line) {
        System.out.print(line + "\n");
        System.out.flush();
    }
}
