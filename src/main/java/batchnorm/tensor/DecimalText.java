package batchnorm.tensor;

import java.math.BigDecimal;

/// Formats a binary64 number for messages, in the form of JSON responses: the shortest digits that
/// read back as the same number. Uses plain notation where that is short (`0.0001`, `3.0`), and
/// otherwise an exponent (`1e-5`, `1.5e16`).
public final class DecimalText {
    private static final int SMALLEST_PLAIN = -4;
    private static final int LARGEST_PLAIN = 15;

    private DecimalText() {}

    public static String of(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return Double.toString(value);
        }
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent >= SMALLEST_PLAIN && exponent <= LARGEST_PLAIN) {
            String plain = decimal.toPlainString();
            return plain.indexOf('.') < 0 ? plain + ".0" : plain;
        }
        String digits = decimal.unscaledValue().abs().toString();
        return (value < 0 ? "-" : "")
                + digits.charAt(0)
                + (digits.length() > 1 ? "." + digits.substring(1) : "")
                + "e"
                + exponent;
    }
}
