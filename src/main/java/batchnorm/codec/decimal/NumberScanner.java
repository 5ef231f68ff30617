package batchnorm.codec.decimal;

/// Scans the common form of numbers: at most 19 digits, entirely in one buffer, eight fraction
/// digits per step. Large bodies spend most of their time in these loops.
public final class NumberScanner {
    /// The number of bytes after the start of a number that must be readable: longer than the
    /// shortest form of any double.
    public static final int COMMON_LENGTH = FractionScanner.REACH;

    private static final long[] POWERS = {1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000};

    private final FloatArrayParser floats = new FloatArrayParser(this);

    /// The last number: `digits · 10^exponent`.
    private long digits;

    private int exponent;

    /// 1 if the number is negative, else 0.
    private int minus;

    /// The end of the last run: the start of the first unread number.
    private int position;

    public int position() {
        return position;
    }

    /// Reads common numbers, each followed by a comma, into an FP32 array. Stops before any value
    /// of another form.
    ///
    /// @param last the exclusive bound for the start of a number
    /// @return the index after the last element written
    public int run(byte[] bytes, int start, int last, float[] target, int from) {
        int size = floats.read(bytes, start, last, target, from);
        position = floats.position();
        return size;
    }

    /// Reads into an FP64 array.
    ///
    /// @param narrowable whether to stop before numbers that cannot be narrowed safely
    public int run(
            byte[] bytes, int start, int last, double[] target, int from, boolean narrowable) {
        int at = start;
        int size = from;
        while (size < target.length && at < last) {
            int end = scan(bytes, at);
            if (end < 0 || bytes[end] != ',') {
                break;
            }
            double value = nearestDouble();
            if (!Double.isFinite(value) || (narrowable && Narrowing.mayBeHalfway(value))) {
                break;
            }
            target[size++] = value;
            at = bytes[end + 1] == ' ' ? end + 2 : end + 1;
        }
        position = at;
        return size;
    }

    /// Scans the number at a position. Few branches, and none on the sign or on the last digits:
    /// such branches are unpredictable.
    ///
    /// @return the position after it, or -1 for another form
    public int scan(byte[] bytes, int start) {
        minus = (((bytes[start] & 0xFF) ^ '-') - 1) >>> 31;
        int first = start + minus;
        int point = integer(bytes, first);
        int end = bytes[point] == '.' ? fraction(bytes, point + 1) : point;
        int scale = point == end ? 0 : point + 1 - end;
        int count = point - first - scale;
        if (point == first
                || (point > first + 1 && bytes[first] == '0')
                || end == point + 1
                || (count > DecimalReader.MAX_DIGITS
                        && count - leadingZeros(bytes, first) > DecimalReader.MAX_DIGITS)) {
            return -1;
        }
        exponent = scale;
        return (bytes[end] | 0x20) == 'e' ? power(bytes, end + 1) : end;
    }

    public double nearestDouble() {
        double magnitude = DecimalReader.toDouble(digits, exponent);
        return Double.longBitsToDouble(Double.doubleToRawLongBits(magnitude) | (long) minus << 63);
    }

    /// Returns the nearest float, or NaN where it is uncertain.
    float anyFloat() {
        float value = clearFloat();
        return Float.isFinite(value) ? value : nearestFloat();
    }

    /// Returns the nearest float where plain arithmetic determines it, NaN elsewhere.
    ///
    /// Two roundings of binary64 err by at most two units in the last place. That matters only if
    /// the dropped bits are close to a midpoint of floats.
    private float clearFloat() {
        if (digits < 0 || Math.abs(exponent) > PowersOfTen.LARGEST_EXACT) {
            return Float.NaN;
        }
        double magnitude =
                exponent < 0
                        ? digits / PowersOfTen.exact(-exponent)
                        : digits * PowersOfTen.exact(exponent);
        int dropped = (int) Double.doubleToRawLongBits(magnitude) & 0x1FFF_FFFF;
        if (Math.abs(dropped - 0x1000_0000) <= 4) {
            return Float.NaN;
        }
        return Float.intBitsToFloat(Float.floatToRawIntBits((float) magnitude) | minus << 31);
    }

    /// Returns the nearest float through the nearest double; NaN where that would round twice.
    private float nearestFloat() {
        double value = nearestDouble();
        return Narrowing.mayBeHalfway(value) ? Float.NaN : (float) value;
    }

    /// Reads the digits before the decimal point.
    private int integer(byte[] bytes, int start) {
        int at = start;
        long value = 0;
        for (char digit = digitAt(bytes, at); digit < 10; digit = digitAt(bytes, at)) {
            value = value * 10 + digit;
            at++;
        }
        digits = value;
        return at;
    }

    /// Reads the digits after the decimal point.
    private int fraction(byte[] bytes, int start) {
        int at = start;
        long value = digits;
        long eight = FractionScanner.eight(bytes, at);
        long others = FractionScanner.notDigits(eight);
        while (others == 0) {
            value = value * 100_000_000 + FractionScanner.valueOf(eight);
            at += 8;
            eight = FractionScanner.eight(bytes, at);
            others = FractionScanner.notDigits(eight);
        }
        int rest = Long.numberOfTrailingZeros(others) >>> 3;
        // Moves the digits to the end of the eight, with leading zeros.
        long moved = eight << (56 - 8 * rest) << 8;
        digits = value * POWERS[rest] + FractionScanner.valueOf(moved);
        return at + rest;
    }

    /// Reads the power of ten at a position.
    ///
    /// @return the position after it, or -1 when it is missing or too long
    private int power(byte[] bytes, int start) {
        boolean below = bytes[start] == '-';
        int first = below || bytes[start] == '+' ? start + 1 : start;
        int at = first;
        int power = 0;
        for (char digit = digitAt(bytes, at); digit < 10; digit = digitAt(bytes, at)) {
            power = power * 10 + digit;
            at++;
        }
        exponent += below ? -power : power;
        return at == first || at - first > 4 ? -1 : at;
    }

    /// Compares the last number's magnitude with a positive double, exactly.
    public int compareTo(double magnitude) {
        return DecimalReader.compare(digits, exponent, magnitude);
    }

    private static int leadingZeros(byte[] bytes, int first) {
        int zeros = 0;
        for (int at = first; bytes[at] == '0' || bytes[at] == '.'; at++) {
            zeros += bytes[at] == '0' ? 1 : 0;
        }
        return zeros;
    }

    /// Returns the value of the digit, or a value above 9.
    private static char digitAt(byte[] bytes, int at) {
        return (char) (bytes[at] - '0');
    }
}
