package batchnorm.optimizer;

import org.jspecify.annotations.Nullable;

/// Stochastic gradient descent, as `torch.optim.SGD`: `g = grad + weight_decay·p`; with momentum `b
/// = momentum·b + (1-dampening)·g` (the first `b` is `g`) and `g = b`, or with Nesterov's `g = g +
/// momentum·b`; then `p = p - learning_rate·g`.
public record Sgd(
        double learningRate,
        double momentum,
        double weightDecay,
        boolean nesterov,
        double dampening)
        implements Optimizer {

    public Sgd {
        Optimizer.requireNotNegative("learning_rate", learningRate);
        Optimizer.requireNotNegative("momentum", momentum);
        Optimizer.requireNotNegative("weight_decay", weightDecay);
        Optimizer.requireNotNegative("dampening", dampening);
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new InvalidOptimizer(
                    "nesterov", "nesterov needs a momentum above 0 and a dampening of 0");
        }
    }

    @Override
    public Memory.Kind kind() {
        return Memory.Kind.SGD;
    }

    @Override
    public Update update(double[] parameter, double[] gradient, @Nullable Memory memory) {
        double[] buffer = memory == null ? null : memory.first();
        double[] direction = Optimizer.decayed(parameter, gradient, weightDecay);
        if (momentum != 0) {
            buffer = buffer == null ? direction : mixed(buffer, direction);
            direction = nesterov ? ahead(direction, buffer) : buffer;
        }
        double[] next = new double[parameter.length];
        for (int c = 0; c < next.length; c++) {
            next[c] = Math.fma(-learningRate, direction[c], parameter[c]);
        }
        long steps = memory == null ? 0 : memory.steps();
        return new Update(next, new Memory(kind(), steps + 1, buffer, null));
    }

    private double[] mixed(double[] buffer, double[] direction) {
        double[] mixed = new double[buffer.length];
        for (int c = 0; c < mixed.length; c++) {
            mixed[c] = Math.fma(1 - dampening, direction[c], momentum * buffer[c]);
        }
        return mixed;
    }

    private double[] ahead(double[] direction, double[] buffer) {
        double[] ahead = new double[buffer.length];
        for (int c = 0; c < ahead.length; c++) {
            ahead[c] = Math.fma(momentum, buffer[c], direction[c]);
        }
        return ahead;
    }
}
