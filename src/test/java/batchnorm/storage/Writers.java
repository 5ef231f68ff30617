package batchnorm.storage;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/// Concurrent clients of a store, each in a virtual thread.
final class Writers {
    private Writers() {}

    interface Writer {
        Object run(int number) throws Exception;
    }

    /// Waits for all clients and rethrows the exception of one.
    static void inParallel(int writers, Writer writer) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Object>> tasks =
                    IntStream.range(0, writers)
                            .mapToObj(number -> (Callable<Object>) () -> writer.run(number))
                            .toList();
            for (Future<Object> done : threads.invokeAll(tasks)) {
                done.get();
            }
        }
    }
}
