package batchnorm.codec.decimal;

/// Parses batches of numbers in the form of [FractionScanner], with the same algorithm. Finds
/// numbers by their commas, splits them into words of eight digits, and continues step by step over
/// arrays. Each step is a short loop without a branch, for vectorization by the compiler.
///
/// Numbers of another form, and those too close to a midpoint, are left open for another parser.
final class BatchFractionParser {
    static final int LENGTH = 256;

    private static final float[] SIGNS = {1, -1};

    private final CommaIndex commas = new CommaIndex(LENGTH);

    /// The start of each number, and the position after the last number.
    private final int[] starts = new int[LENGTH + 1];

    /// The first eight bytes from the first digit on, then the whole number in units of 10^-16.
    private final long[] heads = new long[LENGTH];

    /// The first eight digits after the point; one byte each, then their value.
    private final long[] firsts = new long[LENGTH];

    private final long[] seconds = new long[LENGTH];

    /// Digits that affect only numbers close to a midpoint.
    private final long[] thirds = new long[LENGTH];

    /// The number of digits after the point.
    private final long[] digits = new long[LENGTH];

    private final double[] magnitudes = new double[LENGTH];
    private final float[] signs = new float[LENGTH];

    /// See [FractionScanner#gap].
    private final float[] gaps = new float[LENGTH];

    /// Negative where the number has the right form and enough digits to ignore the rest.
    private final long[] read = new long[LENGTH];

    /// Parses numbers that are each followed by a comma.
    ///
    /// @param from the start of the first number
    /// @param last the exclusive bound for the comma; [FractionScanner#REACH] bytes more are
    ///   readable
    /// @param most the maximum number of numbers
    /// @return the number of numbers found, including open ones
    int read(byte[] text, int from, int last, int most, float[] target, int to) {
        starts[0] = from;
        int count = commas.find(text, from, last, Math.min(most, LENGTH));
        if (count > 0) {
            cut(text, count);
            check(count);
            values(firsts, count);
            values(seconds, count);
            wholes(count);
            narrow(count, target, to);
            doubt(count);
        }
        return count;
    }

    /// Returns the start of a number, or the position after the last number.
    int start(int index) {
        return starts[index];
    }

    /// Returns the position of the comma after a number.
    int end(int index) {
        return commas.place(index);
    }

    /// Returns the first open number at or after an index, or `count` if there is none.
    int open(int from, int count) {
        int index = from;
        while (index < count && read[index] < 0 && gaps[index] == 0) {
            index++;
        }
        return index;
    }

    private void cut(byte[] text, int count) {
        // Local copies: otherwise the compiler reloads each array for every number.
        int[] starts = this.starts;
        long[] heads = this.heads;
        long[] firsts = this.firsts;
        long[] seconds = this.seconds;
        long[] thirds = this.thirds;
        long[] digits = this.digits;
        float[] signs = this.signs;
        int at = starts[0];
        for (int i = 0; i < count; i++) {
            int end = commas.place(i);
            int minus = is(text[at], '-');
            int lead = at + minus;
            int behind = end - lead - 2;
            heads[i] = FractionScanner.eight(text, lead);
            firsts[i] = FractionScanner.eight(text, lead + 2) & FractionScanner.FIRST[behind & 31];
            seconds[i] =
                    FractionScanner.eight(text, lead + 10) & FractionScanner.SECOND[behind & 31];
            thirds[i] = FractionScanner.eight(text, lead + 18) & FractionScanner.THIRD[behind & 31];
            digits[i] = behind;
            signs[i] = SIGNS[minus];
            // The usual gap is a comma, with or without a space.
            at = end + 1 + is(text[end + 1], ' ');
            starts[i + 1] = at;
        }
    }

    /// Returns 1 if two bytes are equal, else 0, without a branch.
    private static int is(byte found, char expected) {
        return (found & 0xFF ^ expected) - 1 >>> 31;
    }

    /// Checks for a digit, a point, and then one to twenty digits only.
    private void check(int count) {
        for (int i = 0; i < count; i++) {
            long lead = heads[i] & 0xFF;
            long point = heads[i] >>> 8 & 0xFF ^ '.' ^ '0';
            read[i] =
                    lead - 10
                            & point - 1
                            & digits[i] - FractionScanner.MOST_DIGITS - 1
                            & -digits[i];
            heads[i] = lead;
        }
        for (int i = 0; i < count; i++) {
            long others =
                    FractionScanner.notDigits(firsts[i])
                            | FractionScanner.notDigits(seconds[i])
                            | FractionScanner.notDigits(thirds[i]);
            read[i] &= (others >>> 7) - 1;
        }
    }

    private static void values(long[] eights, int count) {
        for (int i = 0; i < count; i++) {
            eights[i] = FractionScanner.valueOf(eights[i]);
        }
    }

    private void wholes(int count) {
        for (int i = 0; i < count; i++) {
            heads[i] = (heads[i] * 100_000_000 + firsts[i]) * 100_000_000 + seconds[i];
        }
        for (int i = 0; i < count; i++) {
            magnitudes[i] = heads[i] * 1e-16;
        }
    }

    private void narrow(int count, float[] target, int to) {
        for (int i = 0; i < count; i++) {
            target[to + i] = (float) magnitudes[i] * signs[i];
        }
    }

    /// Leaves numbers close to a midpoint open, as [FractionScanner] does.
    private void doubt(int count) {
        for (int i = 0; i < count; i++) {
            gaps[i] = FractionScanner.gap(magnitudes[i]);
        }
        for (int i = 0; i < count; i++) {
            read[i] &= digits[i] - 17 | FractionScanner.PRECISE - heads[i];
        }
    }
}
