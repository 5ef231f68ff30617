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

    Apply apply();

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
    }

    /// Running statistics, installed.
    ///
    /// @param layer the version that has them
    record Installed(Layer layer, Moments population) implements Finished {
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
