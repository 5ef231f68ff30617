package batchnorm.diagnosis;

import batchnorm.normalization.Convention;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A way to compute the results of one aspect, right or wrong.
interface Hypothesis {
    /// Returns its mistakes; empty if it is right.
    List<Mistake> mistakes();

    /// Returns the conventions that compute so; empty for a mistake.
    Set<Convention> conventions();

    /// Returns the formula, in the symbols of the contract.
    String formula();

    /// Returns a description of what is right or wrong, without the convention.
    String detail();

    /// Predicts one element of a target.
    ///
    /// @param target its place in the list of targets
    void predict(int target, int index, Point into);

    /// Computes what the predictions of all elements share.
    void prepare();

    /// Predicts consecutive elements of a target. Called after [#prepare].
    ///
    /// @param count at most [Points#MOST]
    default void predict(int target, int from, int count, Points into) {
        Point point = new Point();
        for (int k = 0; k < count; k++) {
            predict(target, from + k, point);
            into.values[k] = point.value;
            into.sizes[k] = point.size;
        }
    }

    /// Returns the number of terms of its sums.
    int terms();

    /// Returns whether a parameter was estimated from the results.
    default boolean isEstimated() {
        return false;
    }

    default @Nullable Double epsilon() {
        return null;
    }

    default @Nullable List<Integer> axes() {
        return null;
    }

    default @Nullable Double alpha() {
        return null;
    }
}
