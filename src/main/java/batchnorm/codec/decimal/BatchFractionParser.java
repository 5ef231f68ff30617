package batchnorm.codec.decimal;

/// Reads many numbers at a time of the form that [FractionScanner] reads one by one, in the same
/// way: found by their commas, cut into words of eight digits, and taken on from there step by step
/// over arrays. Each step is a loop of a few operations without a branch, which the compiler turns
/// into vector instructions.
///
/// Numbers of another form, and hard ones, come out open, to be read by other means.
final class BatchFractionParser {
    static final int LENGTH = 256;

    private static final float[] SIGNS = {1, -1};

    private final CommaIndex commas = new CommaIndex(LENGTH);

    /// Where the numbers begin, and the place after the last.
    private final int[] starts = new int[LENGTH + 1];

    /// The first eight bytes from the first digit on, then the whole number: an integer of 10^-16.
    private final long[] heads = new long[LENGTH];

    /// Eight digits behind the point, and the next eight; a byte each, then their value.
    private final long[] firsts = new long[LENGTH];

    private final long[] seconds = new long[LENGTH];

    /// Digits that matter to hard numbers only.
    private final long[] thirds = new long[LENGTH];

    /// How many digits there are behind the point.
    private final long[] digits = new long[LENGTH];

    private final double[] magnitudes = new double[LENGTH];
    private final float[] signs = new float[LENGTH];

    /// As of [FractionScanner#gap].
    private final float[] gaps = new float[LENGTH];

    /// Negative where the number has that form, and digits enough before what was cut off.
    private final long[] read = new long[LENGTH];

    /// Reads the numbers in a text, each with a comma behind it.
    ///
    /// @param from where the first number begins
    /// @param last before which the comma must stand; [FractionScanner#REACH] bytes more are
    ///   readable
    /// @param most that are wanted
    /// @return how many were found, open ones among them
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

    /// Where a number begins, or the one after the last.
    int start(int index) {
        return starts[index];
    }

    /// Where the comma behind a number is.
    int end(int index) {
        return commas.place(index);
    }

    /// The first open number from an index on, `count` when there is none.
    int open(int from, int count) {
        int index = from;
        while (index < count && read[index] < 0 && gaps[index] == 0) {
            index++;
        }
        return index;
    }

    private void cut(byte[] text, int count) {
        // Without these, the compiler loads each array again for every number.
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
            // The common gap is a comma, with or without a space.
            at = end + 1 + is(text[end + 1], ' ');
            starts[i + 1] = at;
        }
    }

    /// 1 if a byte is that of a character, else 0, without a branch.
    private static int is(byte found, char expected) {
        return (found & 0xFF ^ expected) - 1 >>> 31;
    }

    /// Whether there are a digit, a point, and then nothing but one to twenty digits.
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

    /// Leaves hard numbers open, as [FractionScanner] does.
    private void doubt(int count) {
        for (int i = 0; i < count; i++) {
            gaps[i] = FractionScanner.gap(magnitudes[i]);
        }
        for (int i = 0; i < count; i++) {
            read[i] &= digits[i] - 17 | FractionScanner.PRECISE - heads[i];
        }
    }
}
