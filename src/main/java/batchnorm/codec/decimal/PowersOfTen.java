package batchnorm.codec.decimal;

import java.math.BigInteger;

/// The powers of ten from 10^-342 to 10^324 as 128-bit significands: `10^e = significand · 2^s`,
/// rounded towards zero, the topmost bit set. Reading and writing decimals share this table.
///
/// The table is computed on first use, in a few milliseconds.
public final class PowersOfTen {
    static final int SMALLEST = -342;
    static final int LARGEST = 324;

    private static final long[] HIGH = new long[LARGEST - SMALLEST + 1];
    private static final long[] LOW = new long[LARGEST - SMALLEST + 1];

    /// 10^0 to 10^22, the powers that binary64 holds exactly.
    private static final double[] EXACT = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22
    };

    static final int LARGEST_EXACT = EXACT.length - 1;

    static {
        // The factor 2^e of 10^e moves only the binary point, so powers of five are enough.
        BigInteger five = BigInteger.valueOf(5);
        BigInteger power = BigInteger.ONE;
        for (int exponent = 0; exponent <= -SMALLEST; exponent++) {
            int length = power.bitLength();
            if (exponent <= LARGEST) {
                store(
                        exponent,
                        length > 128
                                ? power.shiftRight(length - 128)
                                : power.shiftLeft(128 - length));
            }
            if (exponent > 0) {
                store(-exponent, BigInteger.ONE.shiftLeft(length + 127).divide(power));
            }
            power = power.multiply(five);
        }
    }

    private PowersOfTen() {}

    private static void store(int exponent, BigInteger significand) {
        HIGH[exponent - SMALLEST] = significand.shiftRight(64).longValue();
        LOW[exponent - SMALLEST] = significand.longValue();
    }

    /// The upper 64 bits of the significand, unsigned.
    static long high(int exponent) {
        return HIGH[exponent - SMALLEST];
    }

    /// The lower 64 bits of the significand, unsigned.
    static long low(int exponent) {
        return LOW[exponent - SMALLEST];
    }

    /// 10^exponent, for 0 to [#LARGEST_EXACT].
    public static double exact(int exponent) {
        return EXACT[exponent];
    }
}
