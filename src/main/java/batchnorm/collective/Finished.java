package batchnorm.collective;

import batchnorm.layer.Layer;
import batchnorm.layer.StepRecord;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Moments;

/// The result of an accumulation.
public sealed interface Finished {
    /// How to apply the statistics of the whole batch.
    enum Apply {
        /// One training step.
        STEP,
        /// Installs them as the layer's running statistics.
        INSTALL;

        public String word() {
            return Knob.word(this);
        }

        /// @throws batchnorm.normalization.InvalidConfig for another word
        public static Apply parse(String word) {
            return Knob.parse(Apply.class, "apply", word);
        }
    }

    /// How chunks make one variance.
    enum Policy {
        /// The variance of the values of all chunks.
        POOLED,
        /// The mean of the variances of the chunks, each with equal weight. For [Apply#INSTALL].
        MEAN_OF_VARIANCES
    }

    Apply apply();

    Policy policy();

    /// Returns the tag of the resulting version of the layer.
    String tag();

    long version();

    /// One training step.
    ///
    /// @param tag of the layer's version after it
    record Step(StepRecord step, String tag) implements Finished {
        @Override
        public long version() {
            return step.version();
        }

        @Override
        public Apply apply() {
            return Apply.STEP;
        }

        @Override
        public Policy policy() {
            return Policy.POOLED;
        }
    }

    /// Running statistics, installed.
    ///
    /// @param layer the version that has them
    /// @param population of the values of all chunks, with either policy
    record Installed(Layer layer, Moments population, Policy policy) implements Finished {
        @Override
        public String tag() {
            return layer.tag();
        }

        @Override
        public long version() {
            return layer.version();
        }

        @Override
        public Apply apply() {
            return Apply.INSTALL;
        }
    }
}
