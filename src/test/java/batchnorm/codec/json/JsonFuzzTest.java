package batchnorm.codec.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Trickle;
import batchnorm.fixtures.RandomSeed;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Mutated bodies are rejected as JSON exactly when Jackson, also strict, rejects them, and
/// otherwise yield the same numbers. `-Dfuzz.seconds=600` extends the run.
@Tag("fuzz")
class JsonFuzzTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 64);
    private static final JsonFactory JACKSON = JsonFactory.builder().build();
    private static final String PIECES =
            "{}[]\",:0123456789.eE+-tfnrue \t\n\\/\u0000\u007f\u00e9aNI";

    private static final List<String> BODIES =
            List.of(
                    "{\"vector\":[1,-2.5,3e2,0.125E-3,1234567890.123456789012],\"flag\":true}",
                    "{\"input\":[[1.5,2],[3,4]],\"text\":\"a\\u00e9\\n\\\"\\ud83d\\ude00é😀\",\"optional\":null}",
                    "{\"input\":{\"shape\":[2,2],\"datatype\":\"FP64\",\"data\":[1,2,3,-0.0]},\"number\":1e-7}",
                    "{\"object\":{\"flag\":false},\"list\":[{},{\"flag\":true}],\"integer\":12} ");

    @Test
    void refusesWhatJacksonRefusesAndReadsWhatItReads() throws IOException {
        long end = System.nanoTime() + Long.getLong("fuzz.seconds", 1) * 1_000_000_000L;
        SplittableRandom random = RandomSeed.splittable(1);
        int accepted = 0;
        int refused = 0;
        while (System.nanoTime() < end) {
            byte[] body = mutated(random);
            String text = new String(body, StandardCharsets.UTF_8);
            List<Double> theirs = jackson(body);
            try {
                Message message =
                        new JsonCodec()
                                .decode(
                                        new Trickle(body, 1 + random.nextInt(40)),
                                        Fields.ALL,
                                        LIMITS);
                if (theirs == null || !theirs.containsAll(numbers(message))) {
                    fail("%s%nwas read as %s, by Jackson as %s", text, message.values(), theirs);
                }
                accepted++;
            } catch (MalformedJson e) {
                // Jackson accepts unpaired surrogates, and some invalid UTF-8.
                if (theirs != null
                        && !String.valueOf(e.getMessage()).matches(".*(surrogate|UTF-8).*")) {
                    fail("%s%nwas rejected: %s", text, e.getMessage());
                }
                refused++;
            } catch (InvalidField | MalformedTensor | BodyTooLarge e) {
                // Rejected before the whole body was read.
            }
        }
        assertThat(accepted).isPositive();
        assertThat(refused).isPositive();
    }

    private static byte[] mutated(SplittableRandom random) {
        byte[] body = BODIES.get(random.nextInt(BODIES.size())).getBytes(StandardCharsets.UTF_8);
        for (int change = random.nextInt(4); change > 0; change--) {
            int at = random.nextInt(body.length);
            byte[] piece = {
                random.nextInt(10) == 0
                        ? (byte) random.nextInt(256)
                        : (byte) PIECES.charAt(random.nextInt(PIECES.length()))
            };
            int dropped = random.nextInt(3);
            byte[] inserted = random.nextInt(3) == 0 ? new byte[0] : piece;
            byte[] tail =
                    Arrays.copyOfRange(body, Math.min(body.length, at + dropped), body.length);
            byte[] next = Arrays.copyOf(body, at + inserted.length + tail.length);
            System.arraycopy(inserted, 0, next, at, inserted.length);
            System.arraycopy(tail, 0, next, at + inserted.length, tail.length);
            body = next.length == 0 ? body : next;
        }
        return body;
    }

    /// Returns all numbers of the body, or null when it is not a single object.
    private static @Nullable List<Double> jackson(byte[] body) {
        List<Double> numbers = new ArrayList<>();
        try (JsonParser parser =
                JACKSON.createParser(ObjectReadContext.empty(), new ByteArrayInputStream(body))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            int values = 0;
            for (JsonToken token = JsonToken.START_OBJECT;
                    token != null;
                    token = parser.nextToken()) {
                if (token.isNumeric()) {
                    numbers.add(parser.getDoubleValue() + 0.0); // Jackson reads -0 as the integer 0
                } else if (token == JsonToken.VALUE_STRING) {
                    parser.getString();
                }
                boolean top = parser.streamReadContext().inRoot();
                values += top && token == JsonToken.END_OBJECT ? 1 : 0;
                if (top && (values != 1 || token != JsonToken.END_OBJECT)) {
                    return null;
                }
            }
            return values == 1 ? numbers : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    private static List<Double> numbers(Message message) {
        List<Double> numbers = new ArrayList<>();
        double[] vector = message.vector("vector");
        if (vector != null) {
            Arrays.stream(vector).forEach(value -> numbers.add(value + 0.0));
        }
        if (message.tensor("input") instanceof Tensor.Doubles doubles) {
            Arrays.stream(doubles.values()).forEach(value -> numbers.add(value + 0.0));
        }
        Double number = message.number("number");
        if (number != null) {
            numbers.add(number + 0.0);
        }
        return numbers;
    }
}
