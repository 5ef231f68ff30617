package batchnorm.normalization;

import batchnorm.normalization.Knob.NonFinitePolicy;
import batchnorm.normalization.Knob.Scope;

/// PyTorch's knobs, but for those that a test turns.
final class Configs {
    private static final Config PYTORCH = Convention.PYTORCH.config();

    private Configs() {}

    static Config laidOut(Scope scope, int channelAxis) {
        return turned(scope, channelAxis, NonFinitePolicy.REJECT);
    }

    static Config propagating() {
        return turned(PYTORCH.scope(), PYTORCH.channelAxis(), NonFinitePolicy.PROPAGATE);
    }

    static Config withEpsilon(double epsilon) {
        return PYTORCH.as(
                PYTORCH.convention(),
                epsilon,
                PYTORCH.momentum(),
                PYTORCH.momentumMeaning(),
                PYTORCH.runningVariance(),
                PYTORCH.singleValue());
    }

    private static Config turned(Scope scope, int channelAxis, NonFinitePolicy nonFinite) {
        return new Config(
                PYTORCH.convention(),
                PYTORCH.epsilon(),
                PYTORCH.momentum(),
                PYTORCH.momentumMeaning(),
                PYTORCH.runningVariance(),
                scope,
                channelAxis,
                PYTORCH.scale(),
                PYTORCH.shift(),
                PYTORCH.trackRunningStats(),
                PYTORCH.singleValue(),
                nonFinite);
    }
}
