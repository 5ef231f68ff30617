package batchnorm.benchmark;

import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.json.JsonCodec;
import batchnorm.codec.npy.NpyCodec;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Nanoseconds per number of a large body: JSON with short and with 17 digits, and .npy, compared
/// with Jackson's streaming parser. The setup checks that decoding restores the encoded numbers.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(CodecBenchmark.NUMBERS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
    static final int NUMBERS = 1 << 18;

    private static final Signature SIGNATURE = Signature.of(Signature.tensor("input"));
    private static final Codec.Limits LIMITS = new Codec.Limits(NUMBERS, 64);
    private static final JsonFactory JACKSON = JsonFactory.builder().build();

    @Param({"FP32", "FP64"})
    DataType dataType = DataType.FP32;

    @Param({"short", "long"})
    String digits = "long";

    private final JsonCodec json = new JsonCodec();
    private final NpyCodec npy = new NpyCodec();
    private Message message = new Message();
    private byte[] jsonBody = {};
    private byte[] npyBody = {};

    public static void main(String[] arguments) throws RunnerException {
        new Runner(new OptionsBuilder().include(CodecBenchmark.class.getSimpleName()).build())
                .run();
    }

    @Setup
    public void setUp() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        float[] floats = new float[NUMBERS];
        double[] doubles = new double[NUMBERS];
        StringBuilder body =
                new StringBuilder("{\"input\": {\"shape\": [512, 512], \"datatype\": \"");
        body.append(dataType).append("\", \"data\": [");
        for (int i = 0; i < NUMBERS; i++) {
            floats[i] = (float) random.nextGaussian();
            boolean shortest = digits.equals("short");
            doubles[i] =
                    dataType == DataType.FP32
                            ? floats[i]
                            : shortest ? i * 0.25 : random.nextGaussian();
            body.append(i == 0 ? "" : ", ");
            body.append(
                    dataType == DataType.FP32 && shortest
                            ? Float.toString(floats[i])
                            : Double.toString(doubles[i]));
        }
        jsonBody = body.append("]}}").toString().getBytes(StandardCharsets.US_ASCII);
        Shape shape = Shape.of(512, 512);
        Tensor tensor =
                dataType == DataType.FP32 ? Tensor.of(shape, floats) : Tensor.of(shape, doubles);
        message = new Message().with("input", tensor);
        npyBody = bytes(npy);
        check(readJson(), tensor);
        check(readNpy(), tensor);
        check(json.decode(new ByteArrayInputStream(bytes(json)), SIGNATURE, LIMITS), tensor);
        if (readJsonByJackson() != NUMBERS) {
            throw new IllegalStateException("Jackson read another number of numbers");
        }
    }

    private byte[] bytes(Codec codec) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        codec.encode(message, bytes);
        return bytes.toByteArray();
    }

    private static void check(Message read, Tensor expected) {
        Tensor tensor = read.requireTensor("input");
        for (int i = 0; i < NUMBERS; i++) {
            if (tensor.at(i) != expected.at(i) || tensor.dataType() != expected.dataType()) {
                throw new IllegalStateException("read another number at " + i);
            }
        }
    }

    @Benchmark
    public Message readJson() throws IOException {
        return json.decode(new ByteArrayInputStream(jsonBody), SIGNATURE, LIMITS);
    }

    /// Parses the same body into an array of numbers only.
    @Benchmark
    public int readJsonByJackson() {
        double[] doubles = new double[NUMBERS];
        int size = 0;
        try (JsonParser parser =
                JACKSON.createParser(
                        ObjectReadContext.empty(), new ByteArrayInputStream(jsonBody))) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_FLOAT) {
                    doubles[size++] =
                            dataType == DataType.FP32
                                    ? parser.getFloatValue()
                                    : parser.getDoubleValue();
                }
            }
        }
        return size;
    }

    @Benchmark
    public void writeJson() throws IOException {
        json.encode(message, OutputStream.nullOutputStream());
    }

    @Benchmark
    public Message readNpy() throws IOException {
        return npy.decode(new ByteArrayInputStream(npyBody), SIGNATURE, LIMITS);
    }

    @Benchmark
    public void writeNpy() throws IOException {
        npy.encode(message, OutputStream.nullOutputStream());
    }
}
