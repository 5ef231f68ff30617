package batchnorm.optimizer;

import org.jspecify.annotations.Nullable;

/// Adam (Kingma and Ba, 2015), as `torch.optim.Adam`, and with decoupled decay (Loshchilov and
/// Hutter, 2019) as `torch.optim.AdamW`: `m += (1-β₁)·(g-m)`, `v = β₂·v + (1-β₂)·g²`, and after `t`
/// steps `p -= lr/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε)`.
///
/// @param decoupled whether decay shrinks the parameter itself, `p = p·(1 - lr·weight_decay)`,
///   instead of joining the gradient
public record Adam(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        boolean decoupled)
        implements Optimizer {

    public Adam {
        Optimizer.requireNotNegative("learning_rate", learningRate);
        Optimizer.requireBelowOne("beta1", beta1);
        Optimizer.requireBelowOne("beta2", beta2);
        Optimizer.requireNotNegative("epsilon", epsilon);
        Optimizer.requireNotNegative("weight_decay", weightDecay);
    }

    @Override
    public Memory.Kind kind() {
        return Memory.Kind.ADAM;
    }

    @Override
    public Update update(double[] parameter, double[] gradient, @Nullable Memory memory) {
        long steps = memory == null ? 1 : memory.steps() + 1;
        double[] direction =
                decoupled ? gradient : Optimizer.decayed(parameter, gradient, weightDecay);
        double[] average = average(memory == null ? null : memory.first(), direction);
        double[] square = square(memory == null ? null : memory.second(), direction);
        double kept = decoupled ? 1 - learningRate * weightDecay : 1;
        double size = learningRate / (1 - Math.pow(beta1, (double) steps));
        double correction = Math.sqrt(1 - Math.pow(beta2, (double) steps));
        double[] next = new double[parameter.length];
        for (int c = 0; c < next.length; c++) {
            double deviation = Math.sqrt(square[c]) / correction + epsilon;
            next[c] = parameter[c] * kept + -size * average[c] / deviation;
        }
        return new Update(next, new Memory(kind(), steps, average, square));
    }

    private double[] average(double @Nullable [] before, double[] direction) {
        double[] average = new double[direction.length];
        for (int c = 0; c < average.length; c++) {
            double old = before == null ? 0 : before[c];
            average[c] = Math.fma(1 - beta1, direction[c] - old, old);
        }
        return average;
    }

    private double[] square(double @Nullable [] before, double[] direction) {
        double[] square = new double[direction.length];
        for (int c = 0; c < square.length; c++) {
            double old = before == null ? 0 : before[c] * beta2;
            square[c] = Math.fma((1 - beta2) * direction[c], direction[c], old);
        }
        return square;
    }
}
