package batchnorm.codec.decimal;

import java.math.BigDecimal;

/// The numbers of a tensor that was written as JSON, one after another, against what the JDK writes
/// for them.
public final class WrittenDecimals {
    private String text = "";
    private int start;

    /// The last decimal that was taken apart: `significand · 10^exponent`, without zeros at its
    /// end.
    private long significand;

    private int exponent;

    /// Begins with the first number of a message's first flat tensor.
    public void in(String message) {
        text = message;
        start = message.indexOf("\"data\":[") + "\"data\":[".length();
    }

    /// Requires that the next number's digits are those that the JDK writes, or as few and as good.
    /// The JDK's read back as the same double, so that the same digits do.
    public void requireAsGoodAs(double value) {
        int from = next();
        String expected = Double.toString(value);
        if (isSame(from, start - 1, expected)) {
            return;
        }
        String ours = text.substring(from, start - 1);
        require(Double.parseDouble(ours) == value, ours + " is not " + expected);
        requireCloser(ours, expected, new BigDecimal(value));
    }

    /// The same for floats.
    public void requireAsGoodAs(float value) {
        int from = next();
        String expected = Float.toString(value);
        if (isSame(from, start - 1, expected)) {
            return;
        }
        String ours = text.substring(from, start - 1);
        require(Float.parseFloat(ours) == value, ours + " is not " + expected);
        requireCloser(ours, expected, new BigDecimal(value));
    }

    private int next() {
        int from = start;
        while (text.charAt(start) != ',' && text.charAt(start) != ']') {
            start++;
        }
        start++;
        return from;
    }

    private boolean isSame(int from, int to, String expected) {
        if (to - from == expected.length() && text.startsWith(expected, from)) {
            return true;
        }
        takeApart(text, from, to);
        long ours = significand;
        int ourExponent = exponent;
        takeApart(expected, 0, expected.length());
        return ours == significand
                && ourExponent == exponent
                && (text.charAt(from) == '-') == (expected.charAt(0) == '-');
    }

    private void takeApart(String decimal, int from, int to) {
        significand = 0;
        exponent = 0;
        boolean fraction = false;
        int at = decimal.charAt(from) == '-' ? from + 1 : from;
        for (; at < to && (decimal.charAt(at) | 0x20) != 'e'; at++) {
            if (decimal.charAt(at) == '.') {
                fraction = true;
            } else {
                significand = 10 * significand + decimal.charAt(at) - '0';
                exponent -= fraction ? 1 : 0;
            }
        }
        if (at < to) {
            exponent += Integer.parseInt(decimal, at + 1, to, 10);
        }
        if (significand == 0) {
            exponent = 0;
            return;
        }
        while (significand % 10 == 0) {
            significand /= 10;
            exponent++;
        }
    }

    /// The JDK never writes fewer than two digits, so that it may take a closer one of two digits
    /// where one is enough.
    private static void requireCloser(String ours, String theirs, BigDecimal exact) {
        BigDecimal our = new BigDecimal(ours);
        int ourDigits = our.stripTrailingZeros().precision();
        int theirDigits = new BigDecimal(theirs).stripTrailingZeros().precision();
        require(ourDigits == 1 && theirDigits == 2, ours + " is not " + theirs);
        require(
                our.subtract(exact).abs().compareTo(exact.abs()) < 0,
                ours + " is far from " + theirs);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
