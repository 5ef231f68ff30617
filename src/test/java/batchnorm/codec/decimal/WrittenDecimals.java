package batchnorm.codec.decimal;

import java.math.BigDecimal;

/// Compares the numbers of a tensor written as JSON, one after another, with the JDK's.
public final class WrittenDecimals {
    private String text = "";
    private int start;

    /// The last parsed decimal: `significand · 10^exponent`, without trailing zeros.
    private long significand;

    private int exponent;

    /// Starts at the first number of a message's first flat tensor.
    public void in(String message) {
        text = message;
        start = message.indexOf("\"data\":[") + "\"data\":[".length();
    }

    /// Requires the next number to have the JDK's digits, or as few and as close. The JDK's read
    /// back as the same double; the same digits therefore do, too.
    public void requireAsGoodAs(double value) {
        int from = next();
        String expected = Double.toString(value);
        if (isSame(from, start - 1, expected)) {
            return;
        }
        String actual = text.substring(from, start - 1);
        require(Double.parseDouble(actual) == value, actual + " is not " + expected);
        requireCloser(actual, expected, new BigDecimal(value));
    }

    /// Requires the same of a float.
    public void requireAsGoodAs(float value) {
        int from = next();
        String expected = Float.toString(value);
        if (isSame(from, start - 1, expected)) {
            return;
        }
        String actual = text.substring(from, start - 1);
        require(Float.parseFloat(actual) == value, actual + " is not " + expected);
        requireCloser(actual, expected, new BigDecimal(value));
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
        long actual = significand;
        int actualExponent = exponent;
        takeApart(expected, 0, expected.length());
        return actual == significand
                && actualExponent == exponent
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

    /// The JDK never writes fewer than two digits. It may thus choose a closer decimal of two
    /// digits where one digit suffices.
    private static void requireCloser(String actual, String reference, BigDecimal exact) {
        BigDecimal actualValue = new BigDecimal(actual);
        int actualDigits = actualValue.stripTrailingZeros().precision();
        int referenceDigits = new BigDecimal(reference).stripTrailingZeros().precision();
        require(actualDigits == 1 && referenceDigits == 2, actual + " is not " + reference);
        require(
                actualValue.subtract(exact).abs().compareTo(exact.abs()) < 0,
                actual + " is far from " + reference);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
