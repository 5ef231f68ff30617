package batchnorm.service;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Runs several clients concurrently.
public final class Parallel {
    private Parallel() {}

    /// The work of one client.
    public interface Work<T> {
        T run(int number) throws IOException;
    }

    /// Returns the results in the order of the clients' numbers, from 0.
    public static <T> List<T> run(int clients, Work<T> work)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            List<Callable<T>> tasks = new ArrayList<>();
            for (int number = 0; number < clients; number++) {
                int mine = number;
                tasks.add(() -> work.run(mine));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> done : threads.invokeAll(tasks)) {
                results.add(done.get());
            }
            return results;
        }
    }
}
