package batchnorm.codec.decimal;

import static batchnorm.codec.decimal.Swar.EIGHT_BYTES;
import static batchnorm.codec.decimal.Swar.GATHER;
import static batchnorm.codec.decimal.Swar.TOPS;

/// Finds the commas of a text in bulk: first as a bit for each byte, then as the positions of the
/// bits (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019). The compiler
/// vectorizes its loops over longs.
final class CommaIndex {
    private static final long EIGHT_COMMAS = 0x2C2C2C2C2C2C2C2CL;

    /// Words of eight bytes per requested comma: about the length of the shortest form of a double
    /// with its separator.
    private static final int WORDS = 3;

    private final long[] words;

    /// A bit for each byte of text.
    private final byte[] marks;

    /// The positions, with spare capacity for superfluous writes.
    private final int[] places;

    CommaIndex(int most) {
        words = new long[WORDS * most];
        marks = new byte[WORDS * most + 8];
        places = new int[most + Long.SIZE + 8];
    }

    /// Finds the first commas in `[from, to)`; eight bytes more are readable.
    ///
    /// @param most the maximum number of commas to find
    /// @return the number of commas found
    int find(byte[] text, int from, int to, int most) {
        // Whole words of marks; those beyond the end are stale and are ignored.
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

    /// Returns the position of a comma of the last search.
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

    /// Writes the positions of bits in groups of eight, even if fewer are set: a branch on the
    /// number of bits would be unpredictable.
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
