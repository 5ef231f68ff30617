package batchnorm.diagnosis;

import java.math.BigDecimal;
import java.math.MathContext;

/// Chooses the number with the fewest digits near an estimate, because people write such numbers.
final class Brief {
    private static final int MOST_DIGITS = 15;

    private Brief() {}

    /// @param uncertainty the largest difference
    static double of(double estimate, double uncertainty) {
        for (int digits = 1; digits < MOST_DIGITS; digits++) {
            double rounded = new BigDecimal(estimate).round(new MathContext(digits)).doubleValue();
            if (Math.abs(rounded - estimate) <= uncertainty) {
                return rounded;
            }
        }
        return estimate;
    }
}
