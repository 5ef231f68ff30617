package batchnorm.collective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Members of a group, each on a virtual thread.
final class Workers {
    private Workers() {}

    /// Runs each member and returns their results in order.
    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    static <T> List<Future<T>> all(Callable<T>... work) throws InterruptedException {
        return all(Arrays.asList(work));
    }

    static <T> List<Future<T>> all(List<Callable<T>> work) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> results = new ArrayList<>();
            for (Callable<T> each : work) {
                results.add(threads.submit(each));
            }
            return results; // closing waits for all
        }
    }

    static Throwable failure(Future<?> result) {
        try {
            throw new AssertionError("succeeded with " + result.get());
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
