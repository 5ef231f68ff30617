package batchnorm.codec.json;

import java.io.IOException;
import java.math.BigDecimal;

/// A JSON number of any length, read byte by byte: it may span buffers, and every error is reported
/// at its offset.
///
/// @param digits the significant digits, at most [#MAX_DIGITS] of them; empty for zero
/// @param exponent the power of ten by which the digits, as an integer, are multiplied
public record NumberLiteral(boolean negative, String digits, int exponent) {
    /// No midpoint of binary64 has more than 767 significant digits. Further digits only break
    /// ties, for which a single digit suffices.
    private static final int MAX_DIGITS = 800;

    /// Far beyond the range of binary64, and far from integer overflow.
    private static final int MAX_EXPONENT = 1_000_000_000;

    static NumberLiteral read(JsonReader reader) throws IOException {
        return new Scan(reader).literal();
    }

    public double toDouble() {
        double magnitude = digits.isEmpty() ? 0 : Double.parseDouble(digits + "e" + exponent);
        return negative ? -magnitude : magnitude;
    }

    /// Compares the magnitude with a positive double, exactly.
    int compareTo(double magnitude) {
        return new BigDecimal(digits + "e" + exponent).compareTo(new BigDecimal(magnitude));
    }

    /// Returns whether the value is an integer in any notation: `2`, `2.0`, `20e-1`.
    public boolean isInteger() {
        if (digits.isEmpty() || exponent >= 0) {
            return true;
        }
        int last = digits.length() - 1;
        while (digits.charAt(last) == '0') {
            last--;
        }
        return digits.length() - 1 - last >= -(long) exponent;
    }

    /// @throws NumberFormatException when the value is not an integer or does not fit
    public long toLong() {
        if (digits.isEmpty()) {
            return 0;
        }
        try {
            return new BigDecimal((negative ? "-" : "") + digits + "e" + exponent).longValueExact();
        } catch (ArithmeticException e) {
            throw new NumberFormatException(e.getMessage());
        }
    }

    private static final class Scan {
        private final JsonReader reader;
        private final StringBuilder digits = new StringBuilder();
        private long scale;
        private boolean rest;

        Scan(JsonReader reader) {
            this.reader = reader;
        }

        NumberLiteral literal() throws IOException {
            boolean negative = skip('-');
            integer();
            if (skip('.')) {
                fraction();
            }
            int power = 0;
            if (skip('e') || skip('E')) {
                power = power();
            }
            if (rest) {
                digits.append('1');
                scale--;
            }
            long exponent = Math.clamp(power + scale, -MAX_EXPONENT, MAX_EXPONENT);
            return new NumberLiteral(negative, digits.toString(), (int) exponent);
        }

        private void integer() throws IOException {
            byte first = next();
            if (!isDigit(first)) {
                throw reader.unexpected("expected a digit");
            }
            if (first == '0') {
                reader.position++;
                if (isDigit(next())) {
                    throw reader.malformed("a number has no leading zeros");
                }
                return;
            }
            for (byte digit = first; isDigit(digit); digit = next()) {
                if (!keep(digit)) {
                    scale++;
                }
                reader.position++;
            }
        }

        private void fraction() throws IOException {
            byte first = next();
            if (!isDigit(first)) {
                throw reader.unexpected("expected a digit after the decimal point");
            }
            for (byte digit = first; isDigit(digit); digit = next()) {
                if (keep(digit)) {
                    scale--;
                }
                reader.position++;
            }
        }

        private int power() throws IOException {
            boolean below = skip('-');
            if (!below) {
                skip('+');
            }
            byte first = next();
            if (!isDigit(first)) {
                throw reader.unexpected("expected a digit in the exponent");
            }
            long power = 0;
            for (byte digit = first; isDigit(digit); digit = next()) {
                power = Math.min(power * 10 + digit - '0', 2L * MAX_EXPONENT);
                reader.position++;
            }
            return (int) (below ? -power : power);
        }

        /// Appends a digit, unless there are enough; leading zeros are dropped.
        private boolean keep(byte digit) {
            if (digits.length() == MAX_DIGITS) {
                rest |= digit != '0';
                return false;
            }
            if (digit != '0' || !digits.isEmpty()) {
                digits.append((char) digit);
            }
            return true;
        }

        private boolean skip(char mark) throws IOException {
            if (next() != mark) {
                return false;
            }
            reader.position++;
            return true;
        }

        private byte next() throws IOException {
            reader.require(1);
            return reader.bytes[reader.position];
        }

        private static boolean isDigit(byte character) {
            return character >= '0' && character <= '9';
        }
    }
}
