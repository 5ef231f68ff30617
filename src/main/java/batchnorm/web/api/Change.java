package batchnorm.web.api;

import org.jspecify.annotations.Nullable;

/// A request field in which null has a meaning: an absent field leaves the value unchanged, null
/// resets or unsets it.
///
/// @param isPresent whether the request has the field
/// @param value null if the field is null or absent
public record Change<T>(boolean isPresent, @Nullable T value) {
    private static final Change<?> ABSENT = new Change<>(false, null);

    @SuppressWarnings("unchecked") // it holds no value
    public static <T> Change<T> absent() {
        return (Change<T>) ABSENT;
    }

    public static <T> Change<T> to(@Nullable T value) {
        return new Change<>(true, value);
    }

    /// Returns the value after the change.
    public @Nullable T or(@Nullable T current) {
        return isPresent ? value : current;
    }
}
