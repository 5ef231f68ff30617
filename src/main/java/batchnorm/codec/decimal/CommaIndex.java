package batchnorm.codec.decimal;

import static batchnorm.codec.decimal.Swar.EIGHT_BYTES;
import static batchnorm.codec.decimal.Swar.GATHER;
import static batchnorm.codec.decimal.Swar.TOPS;

/// Where the commas of a text are, many at a time: a bit for each byte first, then the places of
/// the bits (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019). Its loops over
/// longs are such that the compiler makes vector instructions of them.
final class CommaIndex {
    private static final long EIGHT_COMMAS = 0x2C2C2C2C2C2C2C2CL;

    /// Words of eight bytes for each comma that is wanted: about as long as the shortest form of a
    /// double with what separates it from the next.
    private static final int WORDS = 3;

    private final long[] words;

    /// A bit for each byte of text.
    private final byte[] marks;

    /// The places, and some room to write too many.
    private final int[] places;

    CommaIndex(int most) {
        words = new long[WORDS * most];
        marks = new byte[WORDS * most + 8];
        places = new int[most + Long.SIZE + 8];
    }

    /// Finds the commas in `[from, to)`, or the first of them; eight bytes more are readable.
    ///
    /// @param most that are wanted
    /// @return how many there are
    int find(byte[] text, int from, int to, int most) {
        // Whole words of marks; those of a shorter text are left from before, and beyond its end.
        int length = Math.min(WORDS * most + 7 & ~7, text.length - from >>> 3);
        mark(text, from, length);
        int count = 0;
        for (int word = 0; word < length && count < most; word += 8) {
            long bits = (long) EIGHT_BYTES.get(marks, word);
            place(bits, from + 8 * word, count);
            count += Long.bitCount(bits);
        }
        count = Math.min(count, most);
        while (count > 0 && places[count - 1] >= to) {
            count--;
        }
        return count;
    }

    /// The place of one of those that were found last.
    int place(int index) {
        return places[index];
    }

    private void mark(byte[] text, int from, int length) {
        for (int i = 0; i < length; i++) {
            long differences = (long) EIGHT_BYTES.get(text, from + 8 * i) ^ EIGHT_COMMAS;
            long others = (differences & ~TOPS) + ~TOPS | differences;
            words[i] = (~others & TOPS) * GATHER >>> 56;
        }
        for (int i = 0; i < length; i++) {
            marks[i] = (byte) words[i];
        }
    }

    /// Writes the places of bits, eight at a time, whether so many are there or not: how many there
    /// are is as good as random, and a branch on it slow.
    private void place(long bits, int start, int from) {
        long rest = bits;
        int next = from;
        do {
            for (int i = 0; i < 8; i++) {
                places[next + i] = start + Long.numberOfTrailingZeros(rest);
                rest &= rest - 1;
            }
            next += 8;
        } while (rest != 0);
    }
}
