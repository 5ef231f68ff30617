package batchnorm.diagnosis;

import static batchnorm.diagnosis.Mistake.BATCH_STATISTICS;
import static batchnorm.diagnosis.Mistake.BETA_MISSING;
import static batchnorm.diagnosis.Mistake.BIASED_VARIANCE;
import static batchnorm.diagnosis.Mistake.COUNT_MISSING;
import static batchnorm.diagnosis.Mistake.DEVIATION_FOR_VARIANCE;
import static batchnorm.diagnosis.Mistake.EPSILON_MISSING;
import static batchnorm.diagnosis.Mistake.EPSILON_OTHER;
import static batchnorm.diagnosis.Mistake.EPSILON_OUTSIDE_ROOT;
import static batchnorm.diagnosis.Mistake.GAMMA_BETA_SWAPPED;
import static batchnorm.diagnosis.Mistake.GAMMA_MISSING;
import static batchnorm.diagnosis.Mistake.GAMMA_MISSING_IN_GRADIENT;
import static batchnorm.diagnosis.Mistake.INFERENCE_STATISTICS;
import static batchnorm.diagnosis.Mistake.INPUT_FOR_XHAT;
import static batchnorm.diagnosis.Mistake.MEAN_ONLY_DECAYED;
import static batchnorm.diagnosis.Mistake.MEAN_TERM_MISSING;
import static batchnorm.diagnosis.Mistake.MOMENTUM_REVERSED;
import static batchnorm.diagnosis.Mistake.NOT_UPDATED;
import static batchnorm.diagnosis.Mistake.OTHER_FORWARD;
import static batchnorm.diagnosis.Mistake.STATISTICS_CONSTANT;
import static batchnorm.diagnosis.Mistake.SUM_FOR_MEAN;
import static batchnorm.diagnosis.Mistake.UNBIASED_VARIANCE;
import static batchnorm.diagnosis.Mistake.UPDATED_IN_INFERENCE;
import static batchnorm.diagnosis.Mistake.UPDATED_TWICE;
import static batchnorm.diagnosis.Mistake.VARIANCE_FOR_DEVIATION;
import static batchnorm.diagnosis.Mistake.VARIANCE_ONLY_DECAYED;
import static batchnorm.diagnosis.Mistake.VARIANCE_TERM_MISSING;
import static batchnorm.diagnosis.Mistake.WRONG_AXES;
import static batchnorm.diagnosis.Mistake.ZERO_START;

import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// An implementation with known mistakes, written as its author would.
///
/// @param causes its mistakes
/// @param run fills in its results
record WrongImplementation(String name, Aspect aspect, Set<Mistake> causes, Consumer<Batch> run) {

    static List<WrongImplementation> all() {
        List<WrongImplementation> all = new ArrayList<>();
        addForward(all);
        addAffine(all);
        addStatistics(all);
        addCombined(all);
        addUpdates(all);
        addOtherUpdates(all);
        addBackward(all);
        addOtherBackward(all);
        return all;
    }

    private static void addForward(List<WrongImplementation> all) {
        forward(
                all,
                "np.var(x, ddof=1)",
                b ->
                        b.each(i ->
                                affine(
                                        b,
                                        i,
                                        (b.x[i] - m(b, i))
                                                / Math.sqrt(b.unbiased(c(b, i)) + b.epsilon))),
                UNBIASED_VARIANCE);
        forward(
                all,
                "x.std() + eps",
                b ->
                        b.each(i ->
                                affine(
                                        b,
                                        i,
                                        (b.x[i] - m(b, i)) / (Math.sqrt(v(b, i)) + b.epsilon))),
                EPSILON_OUTSIDE_ROOT);
        forward(
                all,
                "xc / std + eps",
                b -> b.each(i -> affine(b, i, (b.x[i] - m(b, i)) / Math.sqrt(v(b, i)) + b.epsilon)),
                EPSILON_OUTSIDE_ROOT);
        forward(
                all,
                "no eps",
                b -> b.each(i -> affine(b, i, (b.x[i] - m(b, i)) / Math.sqrt(v(b, i)))),
                EPSILON_MISSING);
        forward(
                all,
                "Keras' eps",
                b -> b.each(i -> affine(b, i, normalized(b, i, 1e-3))),
                EPSILON_OTHER);
        forward(
                all,
                "eps = 1e-8",
                b -> b.each(i -> affine(b, i, normalized(b, i, 1e-8))),
                EPSILON_OTHER);
        forward(
                all,
                "eps = 0.037",
                b -> b.each(i -> affine(b, i, normalized(b, i, 0.037))),
                EPSILON_OTHER);
        forward(
                all,
                "eps squared",
                b -> b.each(i -> affine(b, i, normalized(b, i, b.epsilon * b.epsilon))),
                EPSILON_OTHER,
                EPSILON_MISSING);
        forward(
                all,
                "divided by var + eps",
                b -> b.each(i -> affine(b, i, (b.x[i] - m(b, i)) / (v(b, i) + b.epsilon))),
                VARIANCE_FOR_DEVIATION);
        forward(
                all,
                "divided by var",
                b -> b.each(i -> affine(b, i, (b.x[i] - m(b, i)) / v(b, i))),
                VARIANCE_FOR_DEVIATION);
        forward(
                all,
                "sum subtracted",
                b -> b.each(i -> affine(b, i, (b.x[i] - b.sum(c(b, i))) / b.std(c(b, i)))),
                SUM_FOR_MEAN);
        forward(
                all,
                "sum subtracted, variance about it",
                b ->
                        b.each(i -> {
                            double sum = b.sum(c(b, i));
                            double about =
                                    b.sum(c(b, i), j -> (b.x[j] - sum) * (b.x[j] - sum))
                                            / b.count();
                            return affine(b, i, (b.x[i] - sum) / Math.sqrt(about + b.epsilon));
                        }),
                SUM_FOR_MEAN);
        forward(
                all,
                "sum of squares for variance",
                b ->
                        b.each(i ->
                                affine(
                                        b,
                                        i,
                                        (b.x[i] - m(b, i))
                                                / Math.sqrt(v(b, i) * b.count() + b.epsilon))),
                SUM_FOR_MEAN);
        forward(
                all,
                "sums everywhere",
                b ->
                        b.each(i -> {
                            double sum = b.sum(c(b, i));
                            double about = b.sum(c(b, i), j -> (b.x[j] - sum) * (b.x[j] - sum));
                            return affine(b, i, (b.x[i] - sum) / Math.sqrt(about + b.epsilon));
                        }),
                SUM_FOR_MEAN);
    }

    private static void addAffine(List<WrongImplementation> all) {
        forward(all, "no gamma", b -> b.each(i -> b.xhat(i) + b.beta[c(b, i)]), GAMMA_MISSING);
        forward(all, "no beta", b -> b.each(i -> b.gamma[c(b, i)] * b.xhat(i)), BETA_MISSING);
        forward(all, "xhat returned", b -> b.each(b::xhat), GAMMA_MISSING, BETA_MISSING);
        forward(
                all,
                "gamma and beta exchanged",
                b -> b.each(i -> b.beta[c(b, i)] * b.xhat(i) + b.gamma[c(b, i)]),
                GAMMA_BETA_SWAPPED);
    }

    private static void addStatistics(List<WrongImplementation> all) {
        forward(
                all,
                "layer norm",
                b -> b.each(i -> over(b, i, j -> b.sample(j) == b.sample(i))),
                WRONG_AXES);
        forward(all, "one mean of everything", b -> b.each(i -> over(b, i, _ -> true)), WRONG_AXES);
        forward(
                all,
                "group norm of pairs, or layer norm",
                b ->
                        b.each(i ->
                                over(
                                        b,
                                        i,
                                        j ->
                                                b.sample(j) == b.sample(i)
                                                        && (b.channels % 2 == 1
                                                                || c(b, j) / 2 == c(b, i) / 2))),
                WRONG_AXES);
        forward(
                all,
                "per activation",
                b ->
                        b.each(i ->
                                over(
                                        b,
                                        i,
                                        j ->
                                                b.places > 1
                                                        ? j % b.places == i % b.places
                                                        : b.sample(j) == b.sample(i))),
                WRONG_AXES);
        forward(
                all,
                "running statistics in training",
                b ->
                        b.each(i ->
                                affine(
                                        b,
                                        i,
                                        (b.x[i] - b.meanBefore[c(b, i)])
                                                / Math.sqrt(b.varBefore[c(b, i)] + b.epsilon))),
                INFERENCE_STATISTICS);
        forward(
                all,
                "updated running statistics in training",
                b -> {
                    rightUpdate(b);
                    b.each(i ->
                            affine(
                                    b,
                                    i,
                                    (b.x[i] - newMean(b, c(b, i)))
                                            / Math.sqrt(newVar(b, c(b, i)) + b.epsilon)));
                },
                INFERENCE_STATISTICS);
        forward(
                all,
                "batch statistics in inference",
                b -> {
                    b.mode = Mode.INFER;
                    b.each(i -> affine(b, i, b.xhat(i)));
                },
                BATCH_STATISTICS);
        forward(
                all,
                "inference without eps",
                b -> {
                    b.mode = Mode.INFER;
                    b.each(i ->
                            affine(
                                    b,
                                    i,
                                    (b.x[i] - b.meanBefore[c(b, i)])
                                            / Math.sqrt(b.varBefore[c(b, i)])));
                },
                EPSILON_MISSING);
        forward(
                all,
                "inference divided by the variance",
                b -> {
                    b.mode = Mode.INFER;
                    b.each(i ->
                            affine(
                                    b,
                                    i,
                                    (b.x[i] - b.meanBefore[c(b, i)])
                                            / (b.varBefore[c(b, i)] + b.epsilon)));
                },
                VARIANCE_FOR_DEVIATION);
        forward(
                all,
                "inference with Keras' eps",
                b -> {
                    b.mode = Mode.INFER;
                    b.each(i ->
                            affine(
                                    b,
                                    i,
                                    (b.x[i] - b.meanBefore[c(b, i)])
                                            / Math.sqrt(b.varBefore[c(b, i)] + 1e-3)));
                },
                EPSILON_OTHER);
        forward(
                all,
                "inference without gamma",
                b -> {
                    b.mode = Mode.INFER;
                    b.each(i ->
                            (b.x[i] - b.meanBefore[c(b, i)])
                                            / Math.sqrt(b.varBefore[c(b, i)] + b.epsilon)
                                    + b.beta[c(b, i)]);
                },
                GAMMA_MISSING);
    }

    private static void addCombined(List<WrongImplementation> all) {
        forward(
                all,
                "unbiased, no eps",
                b -> b.each(i -> affine(b, i, (b.x[i] - m(b, i)) / Math.sqrt(b.unbiased(c(b, i))))),
                UNBIASED_VARIANCE,
                EPSILON_MISSING);
        forward(
                all,
                "unbiased std + eps",
                b ->
                        b.each(i ->
                                affine(
                                        b,
                                        i,
                                        (b.x[i] - m(b, i))
                                                / (Math.sqrt(b.unbiased(c(b, i))) + b.epsilon))),
                UNBIASED_VARIANCE,
                EPSILON_OUTSIDE_ROOT);
        forward(
                all,
                "unbiased, no gamma",
                b ->
                        b.each(i ->
                                (b.x[i] - m(b, i)) / Math.sqrt(b.unbiased(c(b, i)) + b.epsilon)
                                        + b.beta[c(b, i)]),
                UNBIASED_VARIANCE,
                GAMMA_MISSING);
        forward(
                all,
                "no eps, no beta",
                b -> b.each(i -> b.gamma[c(b, i)] * (b.x[i] - m(b, i)) / Math.sqrt(v(b, i))),
                EPSILON_MISSING,
                BETA_MISSING);
        forward(
                all,
                "layer norm, unbiased",
                b ->
                        b.each(i -> {
                            Moments sums = moments(b, j -> b.sample(j) == b.sample(i));
                            double unbiased = sums.var * sums.count / (sums.count - 1);
                            return affine(
                                    b, i, (b.x[i] - sums.mean) / Math.sqrt(unbiased + b.epsilon));
                        }),
                WRONG_AXES,
                UNBIASED_VARIANCE);
        forward(
                all,
                "layer norm, std + eps",
                b ->
                        b.each(i -> {
                            Moments sums = moments(b, j -> b.sample(j) == b.sample(i));
                            return affine(
                                    b, i, (b.x[i] - sums.mean) / (Math.sqrt(sums.var) + b.epsilon));
                        }),
                WRONG_AXES,
                EPSILON_OUTSIDE_ROOT);
        forward(
                all,
                "divided by var, swapped",
                b ->
                        b.each(i ->
                                b.beta[c(b, i)] * (b.x[i] - m(b, i)) / (v(b, i) + b.epsilon)
                                        + b.gamma[c(b, i)]),
                VARIANCE_FOR_DEVIATION,
                GAMMA_BETA_SWAPPED);
        forward(
                all,
                "running statistics in training, no beta",
                b ->
                        b.each(i ->
                                b.gamma[c(b, i)]
                                        * (b.x[i] - b.meanBefore[c(b, i)])
                                        / Math.sqrt(b.varBefore[c(b, i)] + b.epsilon)),
                INFERENCE_STATISTICS,
                BETA_MISSING);
    }

    private static void addUpdates(List<WrongImplementation> all) {
        update(
                all,
                "momentum reversed",
                b ->
                        b.update(
                                c -> mix(0.1, b.meanBefore[c], b.mean(c)),
                                c -> mix(0.1, b.varBefore[c], b.unbiased(c))),
                MOMENTUM_REVERSED);
        update(
                all,
                "Keras, momentum reversed",
                b -> {
                    b.convention = Convention.KERAS;
                    b.momentum = 0.99;
                    b.update(
                            c -> mix(0.01, b.meanBefore[c], b.mean(c)),
                            c -> mix(0.01, b.varBefore[c], b.var(c)));
                },
                MOMENTUM_REVERSED);
        update(
                all,
                "momentum reversed, no convention named",
                b -> {
                    b.convention = null;
                    b.update(
                            c -> mix(0.1, b.meanBefore[c], b.mean(c)),
                            c -> mix(0.1, b.varBefore[c], b.unbiased(c)));
                },
                MOMENTUM_REVERSED);
        update(
                all,
                "variance only decayed",
                b -> b.update(c -> newMean(b, c), c -> 0.9 * b.varBefore[c]),
                VARIANCE_ONLY_DECAYED);
        update(
                all,
                "mean only decayed",
                b -> b.update(c -> 0.9 * b.meanBefore[c], c -> newVar(b, c)),
                MEAN_ONLY_DECAYED);
        update(
                all,
                "both only decayed",
                b -> b.update(c -> 0.9 * b.meanBefore[c], c -> 0.9 * b.varBefore[c]),
                MEAN_ONLY_DECAYED,
                VARIANCE_ONLY_DECAYED);
        update(
                all,
                "nothing assigned",
                b -> b.update(c -> b.meanBefore[c], c -> b.varBefore[c]),
                NOT_UPDATED);
        update(
                all,
                "variance not assigned",
                b -> b.update(c -> newMean(b, c), c -> b.varBefore[c]),
                NOT_UPDATED);
        update(
                all,
                "mean not assigned",
                b -> b.update(c -> b.meanBefore[c], c -> newVar(b, c)),
                NOT_UPDATED);
        update(
                all,
                "biased in PyTorch",
                b -> b.update(c -> newMean(b, c), c -> mix(0.9, b.varBefore[c], b.var(c))),
                BIASED_VARIANCE);
        update(
                all,
                "unbiased in ONNX",
                b -> {
                    b.convention = Convention.ONNX;
                    b.momentum = 0.9;
                    b.update(c -> newMean(b, c), c -> newVar(b, c));
                },
                UNBIASED_VARIANCE);
        update(
                all,
                "deviation averaged",
                b ->
                        b.update(
                                c -> newMean(b, c),
                                c -> mix(0.9, b.varBefore[c], Math.sqrt(b.var(c)))),
                DEVIATION_FOR_VARIANCE);
    }

    private static void addOtherUpdates(List<WrongImplementation> all) {
        update(
                all,
                "std with eps averaged",
                b -> b.update(c -> newMean(b, c), c -> mix(0.9, b.varBefore[c], b.std(c))),
                DEVIATION_FOR_VARIANCE);
        update(
                all,
                "unbiased deviation averaged",
                b ->
                        b.update(
                                c -> newMean(b, c),
                                c -> mix(0.9, b.varBefore[c], Math.sqrt(b.unbiased(c)))),
                DEVIATION_FOR_VARIANCE);
        update(
                all,
                "from zero",
                b -> b.update(c -> 0.1 * b.mean(c), c -> 0.1 * b.unbiased(c)),
                ZERO_START);
        update(
                all,
                "variance from zero",
                b -> b.update(c -> newMean(b, c), c -> 0.1 * b.unbiased(c)),
                ZERO_START);
        update(
                all,
                "updated twice",
                b ->
                        b.update(
                                c -> mix(0.81, b.meanBefore[c], b.mean(c)),
                                c -> mix(0.81, b.varBefore[c], b.unbiased(c))),
                UPDATED_TWICE);
        update(
                all,
                "updated twice, no momentum given",
                b -> {
                    b.withMomentum = false;
                    b.update(
                            c -> mix(0.81, b.meanBefore[c], b.mean(c)),
                            c -> mix(0.81, b.varBefore[c], b.unbiased(c)));
                },
                UPDATED_TWICE);
        update(
                all,
                "statistics of everything",
                b -> {
                    Moments sums = moments(b, _ -> true);
                    double unbiased = sums.var * sums.count / (sums.count - 1);
                    b.update(
                            c -> mix(0.9, b.meanBefore[c], sums.mean),
                            c -> mix(0.9, b.varBefore[c], unbiased));
                },
                WRONG_AXES);
        update(
                all,
                "updated in inference",
                b -> {
                    b.mode = Mode.INFER;
                    b.update(c -> newMean(b, c), c -> newVar(b, c));
                },
                UPDATED_IN_INFERENCE);
        update(
                all,
                "reversed and biased",
                b ->
                        b.update(
                                c -> mix(0.1, b.meanBefore[c], b.mean(c)),
                                c -> mix(0.1, b.varBefore[c], b.var(c))),
                MOMENTUM_REVERSED,
                BIASED_VARIANCE);
        update(
                all,
                "reversed, variance only decayed",
                b -> b.update(c -> mix(0.1, b.meanBefore[c], b.mean(c)), c -> 0.1 * b.varBefore[c]),
                MOMENTUM_REVERSED,
                VARIANCE_ONLY_DECAYED);
        update(
                all,
                "the running variance alone, decayed",
                b -> {
                    b.update(c -> 0, c -> 0.9 * b.varBefore[c]);
                    b.meanAfter = null;
                },
                VARIANCE_ONLY_DECAYED);
    }

    private static void addBackward(List<WrongImplementation> all) {
        backward(
                all,
                "statistics constant",
                (b, i) -> dxhat(b, i) / b.std(c(b, i)),
                STATISTICS_CONSTANT);
        backward(
                all,
                "mean term forgotten",
                (b, i) -> (dxhat(b, i) - b.xhat(i) * q(b, i) / b.count()) / b.std(c(b, i)),
                MEAN_TERM_MISSING);
        backward(
                all,
                "variance term forgotten",
                (b, i) -> (dxhat(b, i) - s(b, i) / b.count()) / b.std(c(b, i)),
                VARIANCE_TERM_MISSING);
        backward(
                all,
                "both 1/m forgotten",
                (b, i) -> (dxhat(b, i) - s(b, i) - b.xhat(i) * q(b, i)) / b.std(c(b, i)),
                COUNT_MISSING);
        backward(
                all,
                "1/m of the mean forgotten",
                (b, i) ->
                        (dxhat(b, i) - s(b, i) - b.xhat(i) * q(b, i) / b.count()) / b.std(c(b, i)),
                COUNT_MISSING);
        backward(
                all,
                "1/m of the variance forgotten",
                (b, i) ->
                        (dxhat(b, i) - s(b, i) / b.count() - b.xhat(i) * q(b, i)) / b.std(c(b, i)),
                COUNT_MISSING);
        backward(
                all,
                "gamma forgotten",
                (b, i) -> rightDx(b, i) / b.gamma[c(b, i)],
                GAMMA_MISSING_IN_GRADIENT);
        backward(
                all,
                "x in the variance term",
                (b, i) ->
                        (dxhat(b, i) - s(b, i) / b.count() - b.x[i] * q(b, i) / b.count())
                                / b.std(c(b, i)),
                INPUT_FOR_XHAT);
        backward(
                all,
                "x in the sum",
                (b, i) -> {
                    double sum = b.gamma[c(b, i)] * b.sum(c(b, i), j -> b.dy[j] * b.x[j]);
                    return (dxhat(b, i) - s(b, i) / b.count() - b.xhat(i) * sum / b.count())
                            / b.std(c(b, i));
                },
                INPUT_FOR_XHAT);
        backward(
                all,
                "constant, gamma forgotten... the inference gradient",
                (b, i) -> dxhat(b, i) / Math.sqrt(b.varBefore[c(b, i)] + b.epsilon),
                STATISTICS_CONSTANT);
        backward(
                all,
                "no eps in the gradient",
                (b, i) -> {
                    double std = Math.sqrt(v(b, i));
                    double xhat = (b.x[i] - m(b, i)) / std;
                    double sum =
                            b.gamma[c(b, i)]
                                    * b.sum(
                                            c(b, i),
                                            j -> b.dy[j] * (b.x[j] - b.mean(c(b, j))) / std);
                    return (dxhat(b, i) - s(b, i) / b.count() - xhat * sum / b.count()) / std;
                },
                EPSILON_MISSING);
    }

    private static void addOtherBackward(List<WrongImplementation> all) {
        all.add(
                new WrongImplementation(
                        "dgamma = sum(dy * x)",
                        Aspect.BACKWARD,
                        Set.of(INPUT_FOR_XHAT),
                        b ->
                                b.gradients(
                                        i -> rightDx(b, i),
                                        c -> b.sum(c, j -> b.dy[j] * b.x[j]),
                                        c -> b.sum(c, j -> b.dy[j]))));
        all.add(
                new WrongImplementation(
                        "dgamma = sum(dy * x), no mean term",
                        Aspect.BACKWARD,
                        Set.of(INPUT_FOR_XHAT, MEAN_TERM_MISSING),
                        b ->
                                b.gradients(
                                        i ->
                                                (dxhat(b, i) - b.xhat(i) * q(b, i) / b.count())
                                                        / b.std(c(b, i)),
                                        c -> b.sum(c, j -> b.dy[j] * b.x[j]),
                                        c -> b.sum(c, j -> b.dy[j]))));
        all.add(
                new WrongImplementation(
                        "dgamma alone, with x",
                        Aspect.BACKWARD,
                        Set.of(INPUT_FOR_XHAT),
                        b -> {
                            b.gradients(i -> 0, c -> b.sum(c, j -> b.dy[j] * b.x[j]), c -> 0);
                            b.dx = null;
                            b.dbeta = null;
                        }));
        all.add(
                new WrongImplementation(
                        "the cache of the last forward",
                        Aspect.BACKWARD,
                        Set.of(OTHER_FORWARD),
                        b -> {
                            b.withOther = true;
                            b.exchange();
                            rightBackward(b);
                            b.exchange();
                        }));
        all.add(
                new WrongImplementation(
                        "the training gradient in inference",
                        Aspect.BACKWARD,
                        Set.of(BATCH_STATISTICS),
                        b -> {
                            b.mode = Mode.INFER;
                            b.gradients(
                                    i -> rightDx(b, i),
                                    c -> dgamma(b, c),
                                    c -> b.sum(c, j -> b.dy[j]));
                        }));
    }

    private interface OfInput {
        double at(Batch batch, int index);
    }

    private static void backward(
            List<WrongImplementation> all, String name, OfInput dx, Mistake... causes) {
        all.add(
                new WrongImplementation(
                        name,
                        Aspect.BACKWARD,
                        Set.of(causes),
                        b -> {
                            boolean running = name.contains("inference");
                            b.gradients(
                                    i -> dx.at(b, i),
                                    c ->
                                            running
                                                    ? b.sum(
                                                            c,
                                                            j ->
                                                                    b.dy[j]
                                                                            * (b.x[j]
                                                                                    - b.meanBefore[
                                                                                            c])
                                                                            / Math.sqrt(
                                                                                    b.varBefore[c]
                                                                                            + b.epsilon))
                                                    : name.startsWith("no eps")
                                                            ? b.sum(
                                                                    c,
                                                                    j ->
                                                                            b.dy[j]
                                                                                    * (b.x[j]
                                                                                            - b
                                                                                                    .mean(
                                                                                                            c))
                                                                                    / Math.sqrt(
                                                                                            b.var(
                                                                                                    c)))
                                                            : dgamma(b, c),
                                    c -> b.sum(c, j -> b.dy[j]));
                        }));
    }

    private static void forward(
            List<WrongImplementation> all, String name, Consumer<Batch> run, Mistake... causes) {
        all.add(new WrongImplementation(name, Aspect.FORWARD, Set.of(causes), run));
    }

    private static void update(
            List<WrongImplementation> all, String name, Consumer<Batch> run, Mistake... causes) {
        all.add(
                new WrongImplementation(
                        name,
                        Aspect.RUNNING_UPDATE,
                        Set.of(causes),
                        b -> {
                            b.convention = Convention.PYTORCH;
                            run.accept(b);
                        }));
    }

    static void rightForward(Batch b) {
        b.each(i -> affine(b, i, b.xhat(i)));
    }

    static void rightUpdate(Batch b) {
        b.update(c -> newMean(b, c), c -> newVar(b, c));
    }

    static void rightBackward(Batch b) {
        b.gradients(i -> rightDx(b, i), c -> dgamma(b, c), c -> b.sum(c, j -> b.dy[j]));
    }

    private static int c(Batch b, int i) {
        return b.channel(i);
    }

    private static double m(Batch b, int i) {
        return b.mean(b.channel(i));
    }

    private static double v(Batch b, int i) {
        return b.var(b.channel(i));
    }

    private static double affine(Batch b, int i, double xhat) {
        return b.gamma[c(b, i)] * xhat + b.beta[c(b, i)];
    }

    private static double normalized(Batch b, int i, double epsilon) {
        return (b.x[i] - m(b, i)) / Math.sqrt(v(b, i) + epsilon);
    }

    private static double mix(double old, double before, double batch) {
        return old * before + (1 - old) * batch;
    }

    private static double newMean(Batch b, int c) {
        return mix(0.9, b.meanBefore[c], b.mean(c));
    }

    private static double newVar(Batch b, int c) {
        return mix(0.9, b.varBefore[c], b.unbiased(c));
    }

    private static double dxhat(Batch b, int i) {
        return b.dy[i] * b.gamma[c(b, i)];
    }

    /// Returns the sum of the gradient of xhat.
    private static double s(Batch b, int i) {
        return b.gamma[c(b, i)] * b.sum(c(b, i), j -> b.dy[j]);
    }

    /// Returns the sum of the gradient of xhat times xhat.
    private static double q(Batch b, int i) {
        return b.gamma[c(b, i)] * dgamma(b, c(b, i));
    }

    private static double dgamma(Batch b, int c) {
        return b.sum(c, j -> b.dy[j] * b.xhat(j));
    }

    private static double rightDx(Batch b, int i) {
        return (dxhat(b, i) - s(b, i) / b.count() - b.xhat(i) * q(b, i) / b.count())
                / b.std(c(b, i));
    }

    private record Moments(double mean, double var, int count) {}

    private static Moments moments(Batch b, IntPredicate among) {
        double sum = 0;
        int count = 0;
        for (int j = 0; j < b.x.length; j++) {
            if (among.test(j)) {
                sum += b.x[j];
                count++;
            }
        }
        double mean = sum / count;
        double squares = 0;
        for (int j = 0; j < b.x.length; j++) {
            squares += among.test(j) ? (b.x[j] - mean) * (b.x[j] - mean) : 0;
        }
        return new Moments(mean, squares / count, count);
    }

    private static double over(Batch b, int i, IntPredicate among) {
        Moments sums = moments(b, among);
        return affine(b, i, (b.x[i] - sums.mean) / Math.sqrt(sums.var + b.epsilon));
    }

    /// @param mistake null for none
    boolean isCause(@Nullable Mistake mistake) {
        return mistake != null && causes.contains(mistake);
    }

    @Override
    public String toString() {
        return aspect.name().toLowerCase(Locale.ROOT) + ": " + name;
    }
}
