package batchnorm.codec;

import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Holds reading and writing of numbers against the JDK. The suite runs it for a moment
/// ([NumberFuzzTest]); its `main` runs as long as told: `NumberFuzz <seed> <seconds>`, and
/// `NumberFuzz floats` writes and reads every float there is.
final class NumberFuzz {
    private static final int RUN = 500;

    private final SplittableRandom random;
    private final DecimalWriter writer = new DecimalWriter();
    private final byte[] buffer = new byte[DecimalWriter.ROOM];

    NumberFuzz(long seed) {
        this.random = new SplittableRandom(seed);
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("floats")) {
            everyFloat(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
            return;
        }
        long seed = Long.parseLong(arguments[0]);
        long end = System.nanoTime() + 1_000_000_000L * Long.parseLong(arguments[1]);
        NumberFuzz fuzz = new NumberFuzz(seed);
        long count = 0;
        while (System.nanoTime() < end) {
            count += fuzz.run(100_000);
        }
        System.out.println(
                "seed " + seed + ": " + count + " numbers read and written, no difference");
    }

    private static void everyFloat(int part, int parts) throws IOException {
        NumberFuzz fuzz = new NumberFuzz(0);
        long count = 0;
        for (long bits = part; bits < 1L << 32; bits += parts) {
            float value = Float.intBitsToFloat((int) bits);
            if (Float.isFinite(value)) {
                fuzz.checkWrite(value);
                count++;
            }
        }
        System.out.println(count + " floats written and read, no difference");
    }

    /// @return how many numbers were tried
    int run(int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            if (i % RUN == 0) {
                checkRun();
            }
            checkRead(literal());
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                checkWrite(value);
            }
            checkWrite(decimalDouble());
            checkWrite(Math.scalb(1.0, random.nextInt(-1074, 1024)));
            checkWrite(Math.scalb(1f, random.nextInt(-149, 128)));
            float single = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(single)) {
                checkWrite(single);
            }
        }
        return 7 * rounds;
    }

    /// Reads many literals as one tensor, which goes through the loops for plain numbers.
    private void checkRun() throws IOException {
        List<String> literals = new ArrayList<>();
        while (literals.size() < RUN) {
            String literal = random.nextBoolean() ? literal() : Float.toString(random.nextFloat());
            if (Float.isFinite(Float.parseFloat(literal))) {
                literals.add(literal);
            }
        }
        String data = String.join(random.nextBoolean() ? "," : ", ", literals);
        for (String dataType : List.of("FP32", "FP64")) {
            String first = "{'input':{'datatype':'%s','shape':[%d],'data':[%s]}}";
            String last = "{'input':{'shape':[%2$d],'data':[%3$s],'datatype':'%1$s'}}";
            for (String form : List.of(first, last)) {
                Tensor tensor =
                        JsonCodecTest.decode(form.formatted(dataType, RUN, data))
                                .requireTensor("input");
                for (int i = 0; i < RUN; i++) {
                    double expected =
                            tensor instanceof Tensor.Floats
                                    ? Float.parseFloat(literals.get(i))
                                    : Double.parseDouble(literals.get(i));
                    require(
                            Double.doubleToRawLongBits(tensor.at(i))
                                    == Double.doubleToRawLongBits(expected),
                            dataType + " " + literals.get(i));
                }
            }
        }
    }

    private double decimalDouble() {
        return random.nextInt(1 << random.nextInt(1, 31)) / PowersOfTen.exact(random.nextInt(12));
    }

    /// A literal of one of many sorts, most of them awkward.
    private String literal() {
        return switch (random.nextInt(11)) {
            case 0 -> Double.toString(finite(Double.longBitsToDouble(random.nextLong())));
            case 1 -> Float.toString((float) finite(Float.intBitsToFloat(random.nextInt())));
            case 2 -> Double.toString((float) random.nextDouble(-3, 3));
            case 3 -> digits(random.nextInt(1, 25)) + "e" + random.nextInt(-350, 320);
            case 4 -> digits(random.nextInt(1, 6)) + "." + anyDigits(random.nextInt(1, 20));
            case 5 -> halfway(finite(Double.longBitsToDouble(random.nextLong())), 54);
            case 6 -> halfway((float) finite(Float.intBitsToFloat(random.nextInt())), 25);
            case 7 ->
                    ((1L << 53) + random.nextInt() * 2L + 1)
                            + "."
                            + "0".repeat(random.nextInt(1, 5));
            case 8 -> "0." + "0".repeat(random.nextInt(20)) + anyDigits(random.nextInt(1, 24));
            case 9 -> cutHalfway((float) random.nextDouble(-10, 10));
            default -> Double.toString(random.nextInt(1 << random.nextInt(1, 31)) * 0x1p-149);
        };
    }

    /// The decimal halfway between two floats, or the next one of fewer digits to either side.
    private String cutHalfway(float value) {
        return new BigDecimal(value)
                .add(new BigDecimal(Math.nextUp(value)))
                .divide(BigDecimal.TWO)
                .setScale(
                        random.nextInt(1, 27),
                        random.nextBoolean() ? RoundingMode.UP : RoundingMode.DOWN)
                .toPlainString();
    }

    private static double finite(double value) {
        return Double.isFinite(value) ? value : 1;
    }

    private String digits(int count) {
        return random.nextInt(1, 10) + anyDigits(count - 1);
    }

    private String anyDigits(int count) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            digits.append((char) ('0' + random.nextInt(10)));
        }
        return digits.toString();
    }

    /// The exact decimal halfway between two numbers of `bits - 1` significant bits, or a little
    /// beside it.
    private String halfway(double value, int bits) {
        BigDecimal below = new BigDecimal(value);
        double next = bits == 54 ? Math.nextUp(value) : Math.nextUp((float) value);
        BigDecimal middle = below.add(new BigDecimal(finite(next))).divide(BigDecimal.TWO);
        String text = middle.toString();
        int mark = text.indexOf('E');
        String significand = mark < 0 ? text : text.substring(0, mark);
        String power = mark < 0 ? "" : text.substring(mark);
        String tail =
                switch (random.nextInt(4)) {
                    case 0 -> "";
                    case 1 ->
                            (significand.contains(".") ? "" : ".")
                                    + "0".repeat(random.nextInt(1, 900))
                                    + "1";
                    case 2 ->
                            (significand.contains(".") ? "" : ".")
                                    + "0".repeat(random.nextInt(1, 30));
                    default -> null;
                };
        if (tail == null) {
            // A little below: the last digit, which is not 0, one less, and nines.
            int last = significand.length() - 1;
            char digit = significand.charAt(last);
            return digit == '0' || digit == '.'
                    ? text
                    : significand.substring(0, last)
                            + (char) (digit - 1)
                            + (significand.contains(".") ? "" : ".")
                            + "9".repeat(random.nextInt(1, 40))
                            + power;
        }
        return significand + tail + power;
    }

    private void checkRead(String literal) throws IOException {
        byte[] bytes = literal.getBytes(StandardCharsets.US_ASCII);
        JsonReader reader = new JsonReader(new ByteArrayInputStream(bytes), 1);
        NumberReader numbers = new NumberReader(reader);
        double value = numbers.read();
        require(
                Double.doubleToRawLongBits(value)
                        == Double.doubleToRawLongBits(Double.parseDouble(literal)),
                literal);
        float narrow = (float) numbers.narrowable(value);
        require(
                Float.floatToRawIntBits(narrow)
                        == Float.floatToRawIntBits(Float.parseFloat(literal)),
                literal);
    }

    private void checkWrite(double value) {
        int end = writer.write(buffer, 0, value);
        String written = new String(buffer, 0, end, StandardCharsets.US_ASCII);
        require(Double.parseDouble(written) == value, written);
        requireAsGood(
                new BigDecimal(written),
                new BigDecimal(Double.toString(value)),
                new BigDecimal(value));
    }

    private void checkWrite(float value) {
        int end = writer.write(buffer, 0, value);
        String written = new String(buffer, 0, end, StandardCharsets.US_ASCII);
        String expected = Float.toString(value);
        if (written.equals(expected)) {
            return;
        }
        require(Float.parseFloat(written) == value, written);
        requireAsGood(new BigDecimal(written), new BigDecimal(expected), new BigDecimal(value));
    }

    /// The JDK never writes fewer than two digits, so that it may take a closer one of two digits
    /// where one is enough.
    private static void requireAsGood(BigDecimal ours, BigDecimal theirs, BigDecimal exact) {
        if (ours.compareTo(theirs) == 0) {
            return;
        }
        int ourDigits = ours.stripTrailingZeros().precision();
        require(
                ourDigits == 1 && theirs.stripTrailingZeros().precision() == 2,
                ours + " is not " + theirs);
        require(
                ours.subtract(exact).abs().compareTo(exact.abs()) < 0,
                ours + " is far from " + theirs);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
