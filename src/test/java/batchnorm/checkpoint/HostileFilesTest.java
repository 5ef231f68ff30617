package batchnorm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedTensor;
import batchnorm.fixtures.RandomSeed;
import batchnorm.normalization.ShapeMismatch;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reads files of every format, damaged and hostile, in a JVM with a heap of 64 MB. Each yields
/// layers or an exception that says what is wrong, in bounded time.
@Tag("slow")
@Tag("fuzz")
class HostileFilesTest {
    private static final int DAMAGES = 300;
    private static final Duration LONGEST = Duration.ofSeconds(5);

    /// What the service permits one request.
    private static final long MEMORY = 24 << 20;

    private static final List<String> FILES =
            List.of(
                    "model.keras",
                    "model.weights.h5",
                    "model_legacy.h5",
                    "keras/newest.weights.h5",
                    "state_dict.pth",
                    "legacy.pth",
                    "pytorch.safetensors",
                    "foreign.npz",
                    "conv_bn.onnx");

    @Test
    void everyFileIsReadOrRejectedWithinItsMemoryAndTime(@TempDir Path directory) throws Exception {
        for (Map.Entry<String, byte[]> file : HostileFiles.all().entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
        String classPath = System.getProperty("java.class.path");
        Process reader =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                RandomSeed.argument(),
                                "-cp",
                                System.getProperty("surefire.test.class.path", classPath),
                                HostileFilesTest.class.getName(),
                                directory.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(reader.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output).contains("damaged files were read");
        assertThat(reader.exitValue()).as(output).isZero();
    }

    /// Reads the files of a directory, and damaged ones, in this JVM. Ends with an error at the
    /// first unexpected outcome.
    public static void main(String... arguments) throws IOException {
        try (DirectoryStream<Path> hostile = Files.newDirectoryStream(Path.of(arguments[0]))) {
            for (Path file : hostile) {
                try (InputStream content = Files.newInputStream(file)) {
                    if (isRead(file.getFileName().toString(), content)) {
                        throw new AssertionError(file.getFileName() + " was read");
                    }
                }
            }
        }
        Random random = RandomSeed.random(22);
        int read = 0;
        for (String name : FILES) {
            byte[] sound = HostileFiles.resource(name);
            if (!isRead(name, new ByteArrayInputStream(sound))) {
                throw new AssertionError(name + " was rejected");
            }
            for (int damage = 0; damage < DAMAGES; damage++) {
                InputStream damaged = new ByteArrayInputStream(damaged(sound, random));
                read += isRead(name + ", damage " + damage, damaged) ? 1 : 0;
            }
        }
        System.out.println(read + " damaged files were read");
    }

    /// Returns a copy with a few other bytes, or without its end.
    private static byte[] damaged(byte[] sound, Random random) {
        if (random.nextInt(5) == 0) {
            return Arrays.copyOf(sound, random.nextInt(sound.length));
        }
        byte[] damaged = sound.clone();
        for (int changes = random.nextInt(1, 5); changes > 0; changes--) {
            int at = random.nextInt(damaged.length);
            int length = Math.min(random.nextInt(1, 9), damaged.length - at);
            byte value = (byte) (random.nextBoolean() ? random.nextInt() : -1);
            Arrays.fill(damaged, at, at + length, value);
        }
        return damaged;
    }

    private static boolean isRead(String name, InputStream file) throws IOException {
        long begin = System.nanoTime();
        try {
            Inspector inspector = new Inspector(Naming.DETECTED);
            long[] left = {MEMORY};
            Codec.Memory memory =
                    bytes -> {
                        left[0] -= bytes;
                        if (left[0] < 0) {
                            throw new BodyTooLarge("beyond the memory of a request");
                        }
                    };
            Checkpoint checkpoint =
                    CheckpointFile.read(
                            file,
                            false,
                            inspector.selection(),
                            new Codec.Limits(1 << 20, 32, memory));
            return !inspector.inspect(checkpoint).layers().isEmpty();
        } catch (MalformedTensor | BodyTooLarge | InvalidField | ShapeMismatch rejected) {
            return false;
        } catch (RuntimeException | Error unexpected) {
            throw new AssertionError(name, unexpected);
        } finally {
            Duration taken = Duration.ofNanos(System.nanoTime() - begin);
            if (taken.compareTo(LONGEST) > 0) {
                System.out.println(name + " took " + taken);
                System.exit(1);
            }
        }
    }
}
