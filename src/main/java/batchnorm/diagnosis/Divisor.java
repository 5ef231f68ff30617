package batchnorm.diagnosis;

import org.jspecify.annotations.Nullable;

/// What the centered input is divided by.
enum Divisor {
    INSIDE(null),
    ADDED_TO_DEVIATION(Mistake.EPSILON_OUTSIDE_ROOT),
    ADDED_TO_QUOTIENT(Mistake.EPSILON_OUTSIDE_ROOT),
    WITHOUT_EPSILON(Mistake.EPSILON_MISSING),
    VARIANCE(Mistake.VARIANCE_FOR_DEVIATION),
    VARIANCE_ALONE(Mistake.VARIANCE_FOR_DEVIATION);

    private final @Nullable Mistake mistake;

    Divisor(@Nullable Mistake mistake) {
        this.mistake = mistake;
    }

    @Nullable Mistake mistake() {
        return mistake;
    }

    /// Returns whether epsilon has no effect on it.
    boolean lacksEpsilon() {
        return this == WITHOUT_EPSILON || this == VARIANCE_ALONE;
    }

    double of(double variance, double epsilon) {
        return switch (this) {
            case INSIDE -> Math.sqrt(variance + epsilon);
            case ADDED_TO_DEVIATION -> Math.sqrt(variance) + epsilon;
            case ADDED_TO_QUOTIENT, WITHOUT_EPSILON -> Math.sqrt(variance);
            case VARIANCE -> variance + epsilon;
            case VARIANCE_ALONE -> variance;
        };
    }

    /// Returns what is added to the quotient.
    double addend(double epsilon) {
        return this == ADDED_TO_QUOTIENT ? epsilon : 0;
    }

    /// Returns `2 · d · d'` of the divisor `d`, where `d'` is the derivative by the variance: the
    /// factor of the variance's term in the gradient. It is 1 for the root.
    double sensitivity(double variance, double epsilon) {
        return switch (this) {
            case INSIDE, ADDED_TO_QUOTIENT, WITHOUT_EPSILON -> 1;
            case ADDED_TO_DEVIATION -> of(variance, epsilon) / Math.sqrt(variance);
            case VARIANCE, VARIANCE_ALONE -> 2 * of(variance, epsilon);
        };
    }

    String formula(String numerator, String variance) {
        return switch (this) {
            case INSIDE -> "(%s) / √(%s + ε)".formatted(numerator, variance);
            case ADDED_TO_DEVIATION -> "(%s) / (√(%s) + ε)".formatted(numerator, variance);
            case ADDED_TO_QUOTIENT -> "((%s) / √(%s) + ε)".formatted(numerator, variance);
            case WITHOUT_EPSILON -> "(%s) / √(%s)".formatted(numerator, variance);
            case VARIANCE -> "(%s) / (%s + ε)".formatted(numerator, variance);
            case VARIANCE_ALONE -> "(%s) / (%s)".formatted(numerator, variance);
        };
    }
}
