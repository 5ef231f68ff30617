package batchnorm.benchmark;

import batchnorm.kernel.VectorKernel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Times single operations on request, so that `examples/benchmarks/kernel_against_torch.py` can
/// alternate between this process and PyTorch's.
///
/// Reads lines `operation threads output outer channels inner seconds` and responds to each with
/// the median microseconds. Operations are `train`, `infer`, `backward` and `copy`; an output is
/// `kept` or `fresh` (see [KernelWork]).
public final class KernelSpeed {
    private static final int MOST_TIMES = 1 << 20;

    private KernelSpeed() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = line.split(" ", -1);
            VectorKernel kernel = new VectorKernel(Integer.parseInt(words[1]));
            KernelWork work =
                    new KernelWork(
                                    Integer.parseInt(words[3]),
                                    Integer.parseInt(words[4]),
                                    Integer.parseInt(words[5]),
                                    words[2].equals("fresh"))
                            .checked(kernel);
            Runnable operation =
                    switch (words[0]) {
                        case "train" -> () -> work.train(kernel);
                        case "infer" -> () -> work.infer(kernel);
                        case "backward" -> () -> work.backward(kernel);
                        case "copy" -> work::copy;
                        default -> throw new IllegalArgumentException(words[0]);
                    };
            System.out.println(median(operation, Double.parseDouble(words[6])));
        }
    }

    private static double median(Runnable operation, double seconds) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        long[] times = new long[MOST_TIMES];
        int count = 0;
        while (count < 9 || (System.nanoTime() < end && count < MOST_TIMES)) {
            long start = System.nanoTime();
            operation.run();
            times[count++] = System.nanoTime() - start;
        }
        Arrays.sort(times, 0, count);
        return times[count / 2] / 1e3;
    }
}
