package batchnorm.codec.json;

import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.decimal.PowersOfTen;
import batchnorm.codec.decimal.WrittenDecimals;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/// Compares reading and writing of numbers with the JDK. The suite runs it briefly
/// ([NumberFuzzTest]). Its `main` runs on all cores: `NumberFuzz <seed> <seconds>` for a given
/// time, and `NumberFuzz floats` writes and reads every float.
///
/// Numbers are grouped in large tensors to exercise the loops for plain numbers. Each decimal is
/// read six times: alone as a double and as a float, and in FP32 and FP64 tensors with the datatype
/// before and after the data. In half of the tensors most numbers have the form read in batches.
final class NumberFuzz {
    private static final JsonCodec CODEC = new JsonCodec();
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 20, 8);
    private static final String[] SEPARATORS = {",", ",", ", ", ",\n", " , "};
    private static final int USUAL = 1000;

    /// Enough elements for the loops on several cores.
    private static final int MANY = 3 << 15;

    private final SplittableRandom random;
    private final AwkwardDecimals decimals;
    private final WrittenDecimals written = new WrittenDecimals();

    NumberFuzz(long seed) {
        this.random = new SplittableRandom(seed);
        this.decimals = new AwkwardDecimals(random);
    }

    public static void main(String[] arguments) throws InterruptedException {
        boolean floats = arguments[0].equals("floats");
        long seed = floats ? 0 : Long.parseLong(arguments[0]);
        long end = System.nanoTime() + 1_000_000_000L * (floats ? 0 : Long.parseLong(arguments[1]));
        int cores = Runtime.getRuntime().availableProcessors();
        AtomicLong count = new AtomicLong();
        Thread[] threads = new Thread[cores];
        for (int i = 0; i < cores; i++) {
            int core = i;
            threads[i] =
                    Thread.ofPlatform()
                            .start(() -> {
                                NumberFuzz fuzz = new NumberFuzz(seed + core);
                                if (floats) {
                                    count.addAndGet(fuzz.everyFloat(core, cores));
                                }
                                while (System.nanoTime() < end) {
                                    count.addAndGet(fuzz.run());
                                }
                            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println(count + " numbers, seed " + seed + "; differences are listed above");
    }

    /// One of several parts.
    private long everyFloat(int part, int parts) {
        long count = 0;
        float[] values = new float[1 << 14];
        for (long block = part; block < 1L << 32 >>> 14; block += parts) {
            int size = 0;
            for (int i = 0; i < values.length; i++) {
                float value = Float.intBitsToFloat((int) (block << 14) + i);
                if (Float.isFinite(value)) {
                    values[size++] = value;
                }
            }
            write(Arrays.copyOf(values, size));
            count += size;
        }
        return count;
    }

    /// Reads some decimals and writes some numbers.
    ///
    /// @return the number of both
    int run() {
        int size = random.nextInt(1000) == 0 ? MANY : random.nextInt(1, 2 * USUAL);
        read(size);
        double[] doubles = new double[size];
        float[] floats = new float[size];
        for (int i = 0; i < size; i++) {
            doubles[i] = number();
            floats[i] = (float) number();
            floats[i] = Float.isFinite(floats[i]) ? floats[i] : random.nextInt();
        }
        write(doubles);
        write(floats);
        return 3 * size;
    }

    private double number() {
        double value =
                switch (random.nextInt(8)) {
                    case 0, 1 -> Double.longBitsToDouble(random.nextLong());
                    case 2, 3 -> Float.intBitsToFloat(random.nextInt());
                    case 4 -> Math.scalb(1.0, random.nextInt(-1074, 1024));
                    case 5 -> random.nextDouble(-3, 3);
                    case 6 -> random.nextInt() >> random.nextInt(32);
                    default ->
                            (random.nextInt() >> random.nextInt(32))
                                    / PowersOfTen.exact(random.nextInt(12));
                };
        return Double.isFinite(value) ? value : random.nextLong();
    }

    /// Reads decimals in every way.
    private void read(int size) {
        double[] doubles = new double[size];
        float[] floats = new float[size];
        StringBuilder all = new StringBuilder();
        StringBuilder wide = new StringBuilder();
        StringBuilder narrow = new StringBuilder();
        double[] finiteDoubles = new double[size];
        float[] finiteFloats = new float[size];
        int wides = 0;
        int narrows = 0;
        boolean mixed = random.nextInt(4) == 0;
        boolean alike = random.nextBoolean();
        String separator = separator();
        for (int i = 0; i < size; i++) {
            boolean fraction = alike && random.nextInt(40) > 0;
            String decimal = fraction ? decimals.fraction() : decimals.next();
            doubles[i] = Double.parseDouble(decimal);
            floats[i] = Float.parseFloat(decimal);
            separator = mixed ? separator() : separator;
            all.append(decimal).append(separator);
            if (Double.isFinite(doubles[i])) {
                wide.append(wides == 0 ? "" : separator).append(decimal);
                finiteDoubles[wides++] = doubles[i];
            }
            if (Float.isFinite(floats[i])) {
                narrow.append(narrows == 0 ? "" : separator).append(decimal);
                finiteFloats[narrows++] = floats[i];
            }
        }
        readEach(all.toString(), doubles, floats);
        readTensors(wide, Tensor.of(Shape.of(wides), Arrays.copyOf(finiteDoubles, wides)));
        readTensors(
                narrow,
                Tensor.of(Shape.of(narrows), DataType.FP32, Arrays.copyOf(finiteFloats, narrows)));
    }

    private String separator() {
        return SEPARATORS[random.nextInt(SEPARATORS.length)];
    }

    private static void readEach(String text, double[] doubles, float[] floats) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try {
            JsonReader reader = new JsonReader(new ByteArrayInputStream(bytes), 1);
            NumberReader numbers = new NumberReader(reader);
            for (int i = 0; i < doubles.length; i++) {
                reader.peek();
                double value = numbers.read();
                requireSame(value, doubles[i], i, "a number", text);
                float narrow = (float) numbers.narrowable(value);
                requireSame(narrow, floats[i], i, "a number for FP32", text);
                reader.peek();
                reader.position++;
            }
        } catch (IOException | MalformedJson refused) {
            throw new AssertionError(text, refused);
        }
    }

    private static void readTensors(StringBuilder data, Tensor expected) {
        DataType type = expected.dataType();
        int size = expected.shape().elements();
        String first = "{\"input\":{\"datatype\":\"%s\",\"shape\":[%d],\"data\":[%s]}}";
        String last = "{\"input\":{\"shape\":[%2$d],\"data\":[%3$s],\"datatype\":\"%1$s\"}}";
        for (String form : new String[] {first, last}) {
            String text = form.formatted(type, size, data);
            requireSame(decode(text), expected, text);
        }
    }

    private void write(double[] values) {
        Tensor tensor = Tensor.of(Shape.of(values.length), values);
        String text = encode(tensor);
        written.in(text);
        for (double value : values) {
            written.requireAsGoodAs(value);
        }
        requireSame(decode(text), tensor, text);
    }

    private void write(float[] values) {
        Tensor tensor = Tensor.of(Shape.of(values.length), DataType.FP32, values);
        String text = encode(tensor);
        written.in(text);
        for (float value : values) {
            written.requireAsGoodAs(value);
        }
        requireSame(decode(text), tensor, text);
    }

    private static Tensor decode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try {
            return CODEC.decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS)
                    .requireTensor("input");
        } catch (IOException | MalformedJson | MalformedTensor refused) {
            throw new AssertionError(text, refused);
        }
    }

    private static String encode(Tensor tensor) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            CODEC.encode(new Message().with("input", tensor), body);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return body.toString(StandardCharsets.US_ASCII);
    }

    private static void requireSame(Tensor read, Tensor expected, String text) {
        int i =
                read instanceof Tensor.Floats floats
                        ? Arrays.mismatch(floats.values(), ((Tensor.Floats) expected).values())
                        : Arrays.mismatch(
                                ((Tensor.Doubles) read).values(),
                                ((Tensor.Doubles) expected).values());
        if (i >= 0) {
            requireSame(read.at(i), expected.at(i), i, expected.dataType() + " data", text);
        }
    }

    /// Distinguishes -0 from 0.
    private static void requireSame(double read, double expected, int i, String what, String text) {
        if (Double.doubleToRawLongBits(read) != Double.doubleToRawLongBits(expected)) {
            throw new AssertionError(
                    "%s, %d: read %s, not %s%n%s".formatted(what, i, read, expected, text));
        }
    }
}
