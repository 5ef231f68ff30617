package batchnorm.diagnosis;

import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/// The rounding that an implementation's numbers have: of the arithmetic, and once more of the
/// results.
///
/// A hypothesis may differ from a number by the rounding of the result, and by some roundings of
/// the arithmetic in relation to the terms that were added: a sum of m numbers in any order has
/// about √m of them (Higham, "Accuracy and Stability of Numerical Algorithms", 4.2).
///
/// @param name for people: `FP32`, `4 decimals`
/// @param unit the unit roundoff of the arithmetic
/// @param outputUnit the unit roundoff of the results; 0 if they are not rounded again
/// @param decimals the digits after the point of printed results; negative if not printed
/// @param digits the significant digits of printed results
/// @param free whether parameters may be estimated: the rounding must not exceed this precision's
/// @param natural whether this is no finer than what the numbers show
record Precision(
        String name,
        double unit,
        double outputUnit,
        int decimals,
        int digits,
        boolean free,
        boolean natural) {
    private static final double FP64 = 0x1p-53;
    private static final double FP32 = 0x1p-24;
    private static final double FP16 = 0x1p-11;
    private static final double BF16 = 0x1p-8;
    private static final double SMALLEST_FP16 = 0x1p-24;
    private static final int SAMPLE = 256;

    /// Numbers with more significant digits are full binary64 numbers.
    private static final int MOST_DIGITS = 12;

    /// Numbers with fewer decimals are exact more often than rounded.
    private static final int LEAST_DECIMALS = 2;

    /// Rounding to more digits is finer than FP32.
    private static final int DIGITS_OF_FP32 = 8;

    /// Returns the precisions that results may have, the finest first.
    static List<Precision> of(List<Target> targets) {
        boolean wide = targets.stream().anyMatch(t -> t.values().dataType() == DataType.FP64);
        boolean fp32 = all(targets, DataType.FP32);
        boolean fp16 = all(targets, DataType.FP16);
        boolean bf16 = all(targets, DataType.BF16);
        int places = wide ? places(targets) : 0;
        boolean printed = places >= LEAST_DECIMALS;
        int digits = printed ? largest(targets, BigDecimal::precision) : Integer.MAX_VALUE;
        int decimals = printed ? places : -1;
        String text = decimals < digits ? decimals + " decimals" : digits + " digits";
        List<Precision> all = new ArrayList<>();
        if (wide) {
            all.add(new Precision("FP64", FP64, 0, -1, 0, !fp32 && !printed, !fp32 && !printed));
        }
        if (printed) {
            all.add(new Precision(text, FP64, 0, decimals, digits, !fp32, true));
        }
        if (fp32) {
            all.add(new Precision("FP32", FP64, FP32, -1, 0, false, true));
        }
        if (fp16) {
            all.add(new Precision("FP16", FP32, FP16, -1, 0, false, true));
        }
        if (bf16) {
            all.add(new Precision("BF16", FP32, BF16, -1, 0, false, true));
        }
        all.add(new Precision("FP32", FP32, 0, -1, 0, true, true));
        if (digits < DIGITS_OF_FP32) {
            all.add(new Precision(text, FP32, 0, decimals, digits, true, true));
        }
        if (fp16) {
            all.add(new Precision("FP16", FP16, 0, -1, 0, true, true));
        }
        if (bf16) {
            all.add(new Precision("BF16", BF16, 0, -1, 0, true, true));
        }
        return all;
    }

    /// Returns the error that the rounding of a result explains.
    double slack(double result) {
        double size = Math.abs(result);
        if (decimals < 0) {
            return outputUnit == FP16
                    ? Math.max(FP16 * size, SMALLEST_FP16 / 2)
                    : outputUnit * size;
        }
        double ofDecimals = 0.5 * Math.pow(10, -decimals);
        double ofDigits =
                size == 0 ? 0 : 0.5 * Math.pow(10, Math.floor(Math.log10(size)) + 1 - digits);
        return 1.001 * Math.max(ofDecimals, ofDigits);
    }

    /// Returns a unit in the last place of a result whose terms have a size.
    double ulp(double size) {
        if (decimals >= 0) {
            return 2 * Math.max(slack(size), unit * size);
        }
        return Math.max(2 * Math.max(unit, outputUnit) * size, Double.MIN_NORMAL);
    }

    private static boolean all(List<Target> targets, DataType type) {
        return targets.stream()
                .allMatch(target ->
                        target.sample(SAMPLE)
                                .allMatch(
                                        i -> holds(target.values(), target.values().at(i), type)));
    }

    private static boolean holds(Tensor tensor, double value, DataType type) {
        return tensor.dataType() == type || type.narrow(value) == value;
    }

    /// Returns the decimals of numbers that all have few significant digits; otherwise 0.
    private static int places(List<Target> targets) {
        return hasFewDigits(targets) ? largest(targets, BigDecimal::scale) : 0;
    }

    /// Returns whether every number has few significant digits. Most numbers fail at the first.
    private static boolean hasFewDigits(List<Target> targets) {
        return targets.stream()
                .allMatch(target ->
                        target.sample(SAMPLE)
                                .allMatch(i ->
                                        decimal(target.values().at(i)).precision() <= MOST_DIGITS));
    }

    private static int largest(List<Target> targets, ToIntFunction<BigDecimal> property) {
        int largest = 0;
        for (Target target : targets) {
            largest =
                    Math.max(
                            largest,
                            target.sample(SAMPLE)
                                    .map(i -> property.applyAsInt(decimal(target.values().at(i))))
                                    .max()
                                    .orElse(0));
        }
        return largest;
    }

    private static BigDecimal decimal(double value) {
        return new BigDecimal(Double.toString(value)).stripTrailingZeros();
    }
}
