package batchnorm.web.api;

import org.jspecify.annotations.Nullable;

/// A field of a request for which null is a value of its own: absent leaves a value as it is, null
/// resets or unsets it.
///
/// @param isPresent whether the request has the field
/// @param value null when the request has null, or does not have the field
public record Change<T>(boolean isPresent, @Nullable T value) {
    private static final Change<?> ABSENT = new Change<>(false, null);

    @SuppressWarnings("unchecked") // it holds no value
    public static <T> Change<T> absent() {
        return (Change<T>) ABSENT;
    }

    public static <T> Change<T> to(@Nullable T value) {
        return new Change<>(true, value);
    }

    /// The value after the change.
    public @Nullable T or(@Nullable T current) {
        return isPresent ? value : current;
    }
}
