package batchnorm.codec.decimal;

import batchnorm.fixtures.RandomSeed;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;

/// Positive numbers that are difficult to write. For every exponent: the first, the last, and some
/// between, including powers of two and subnormal numbers. In addition: both neighbours of short
/// decimals halfway between them, of which only the even one may be written as that decimal.
final class AwkwardNumbers {
    private AwkwardNumbers() {}

    static double[] doubles() {
        SplittableRandom random = RandomSeed.splittable(1);
        DoubleStream.Builder numbers = DoubleStream.builder();
        for (long exponent = 0; exponent < 2047; exponent++) {
            long first = exponent << 52;
            for (long more : new long[] {0, 1, 2, random.nextLong(1L << 52), (1L << 52) - 1}) {
                numbers.add(Double.longBitsToDouble(first + more));
            }
        }
        for (BigInteger halfway : halfway(53)) {
            double even = halfway.doubleValue();
            boolean below = BigInteger.valueOf((long) even).compareTo(halfway) < 0;
            numbers.add(even).add(below ? Math.nextUp(even) : Math.nextDown(even));
        }
        return numbers.build().filter(number -> number > 0).toArray();
    }

    static float[] floats() {
        SplittableRandom random = RandomSeed.splittable(2);
        List<Float> numbers = new ArrayList<>();
        for (int exponent = 0; exponent < 255; exponent++) {
            int first = exponent << 23;
            for (int more : new int[] {0, 1, 2, (1 << 23) - 1}) {
                numbers.add(Float.intBitsToFloat(first + more));
            }
            random.ints(60, first, first + (1 << 23))
                    .forEach(bits -> numbers.add(Float.intBitsToFloat(bits)));
        }
        for (BigInteger halfway : halfway(24)) {
            float even = halfway.floatValue();
            boolean below = BigInteger.valueOf((long) even).compareTo(halfway) < 0;
            numbers.add(even);
            numbers.add(below ? Math.nextUp(even) : Math.nextDown(even));
        }
        numbers.removeIf(number -> number == 0);
        float[] array = new float[numbers.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = numbers.get(i);
        }
        return array;
    }

    /// Odd multiples of powers of ten with one bit more than a significand.
    private static List<BigInteger> halfway(int bits) {
        List<BigInteger> decimals = new ArrayList<>();
        BigInteger least = BigInteger.ONE.shiftLeft(bits);
        for (int tens = 0; BigInteger.valueOf(5).pow(tens).bitLength() < bits; tens++) {
            BigInteger odd = least.divide(BigInteger.valueOf(5).pow(tens)).setBit(0);
            for (int i = 0; i < 4; i++) {
                odd = odd.add(BigInteger.TWO);
                decimals.add(odd.multiply(BigInteger.TEN.pow(tens)));
            }
        }
        return decimals;
    }
}
