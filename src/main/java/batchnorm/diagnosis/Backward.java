package batchnorm.diagnosis;

import batchnorm.diagnosis.Expectation.Choice;
import batchnorm.diagnosis.ForwardHypothesis.Affine;
import batchnorm.diagnosis.ForwardHypothesis.Parameters;
import batchnorm.diagnosis.GradientHypothesis.Base;
import batchnorm.diagnosis.GradientHypothesis.InputForm;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The hypotheses about the gradients.
final class Backward implements Search.Enumerated {
    private record SumsKey(Source source, Tensor input, Grouping channels) {}

    private final Evidence evidence;
    private final Expectation expectation;
    private final Forward forward;
    private final @Nullable Selection ofForward;
    private final Tensor gradient;
    private final List<Target> targets = new ArrayList<>();
    private final List<String> fields;
    private final Map<SumsKey, GradientSums> sums = new HashMap<>();

    /// @param ofForward the explanation of the output, or null
    Backward(
            Evidence evidence,
            Expectation expectation,
            Forward forward,
            @Nullable Selection ofForward) {
        this.evidence = evidence;
        this.expectation = expectation;
        this.forward = forward;
        this.ofForward = ofForward;
        gradient = Objects.requireNonNull(evidence.gradOutput());
        if (evidence.gradInput() != null) {
            targets.add(new Target("grad_input", evidence.gradInput()));
        }
        if (evidence.gradGamma() != null) {
            targets.add(Target.of("grad_gamma", evidence.gradGamma()));
        }
        if (evidence.gradBeta() != null) {
            targets.add(Target.of("grad_beta", evidence.gradBeta()));
        }
        fields = targets.stream().map(Target::field).toList();
    }

    Selection diagnose() {
        return new Search(Aspect.BACKWARD, targets).among(this);
    }

    @Override
    public List<Hypothesis> estimated(Precision precision) {
        return List.of();
    }

    @Override
    public List<Hypothesis> all() {
        List<Hypothesis> hypotheses = new ArrayList<>();
        for (ForwardHypothesis pass : passes()) {
            Set<Mistake> mistakes = new LinkedHashSet<>(pass.mistakes());
            addForms(hypotheses, pass, evidence.input(), mistakes);
        }
        if (ofForward != null
                && ofForward.best() instanceof ForwardHypothesis best
                && !best.mistakes().isEmpty()) {
            addForms(hypotheses, best, evidence.input(), Set.of());
        }
        addOtherForward(hypotheses);
        return hypotheses;
    }

    /// Returns the forward passes with right statistics, or with one mistake in them.
    private List<ForwardHypothesis> passes() {
        List<ForwardHypothesis> passes = new ArrayList<>();
        for (Hypothesis each : forward.simple()) {
            ForwardHypothesis pass = (ForwardHypothesis) each;
            Normalized normalized = pass.normalized();
            boolean usable =
                    pass.affine() == Affine.RIGHT
                            && pass.mistakes().size() <= 1
                            && normalized.source().mistake() != Mistake.WRONG_AXES
                            && normalized.divisor() != Divisor.ADDED_TO_QUOTIENT
                            && (normalized.spread() == Spread.BIASED
                                    || normalized.spread() == Spread.UNBIASED);
            if (usable) {
                passes.add(pass);
            }
        }
        return passes;
    }

    private void addOtherForward(List<Hypothesis> hypotheses) {
        Tensor other = evidence.otherInput();
        if (other == null) {
            return;
        }
        for (Choice choice : expectation.choices()) {
            GroupMoments moments = new GroupMoments(other, choice.grouping());
            Source source = Source.batch(moments, Mistake.OTHER_FORWARD, "the other input");
            for (ForwardHypothesis pass : forward.right()) {
                if (pass.normalized().source().grouping() == choice.grouping()) {
                    Normalized normalized =
                            new Normalized(
                                    source,
                                    Spread.BIASED,
                                    Divisor.INSIDE,
                                    pass.normalized().epsilon());
                    add(
                            hypotheses,
                            new Base(
                                    normalized,
                                    sums(source, other, pass.parameters()),
                                    Set.of(Mistake.OTHER_FORWARD),
                                    Set.of()),
                            pass.parameters());
                }
            }
        }
    }

    private void addForms(
            List<Hypothesis> all, ForwardHypothesis pass, Tensor input, Set<Mistake> mistakes) {
        Normalized normalized = pass.normalized();
        Source source = normalized.source();
        Set<Mistake> named = new LinkedHashSet<>(mistakes);
        if (named.remove(Mistake.INFERENCE_STATISTICS)) {
            named.add(Mistake.STATISTICS_CONSTANT);
        }
        add(
                all,
                new Base(
                        normalized,
                        sums(source, input, pass.parameters()),
                        named,
                        pass.conventions()),
                pass.parameters());
    }

    private GradientSums sums(Source source, Tensor input, Parameters parameters) {
        return sums.computeIfAbsent(
                new SumsKey(source, input, parameters.grouping()),
                _ -> new GradientSums(input, gradient, source, parameters));
    }

    private void add(List<Hypothesis> all, Base base, Parameters parameters) {
        boolean running = base.normalized().source().running();
        for (InputForm form : InputForm.values()) {
            boolean ofRunning = form == InputForm.RIGHT || form == InputForm.WITHOUT_GAMMA;
            boolean testable =
                    (form == InputForm.RIGHT || evidence.gradInput() != null)
                            && (form != InputForm.WITHOUT_GAMMA || evidence.gamma() != null)
                            && (ofRunning || !running);
            if (!testable) {
                continue;
            }
            for (boolean inputForXhat : new boolean[] {false, true}) {
                if (inputForXhat && evidence.gradGamma() == null) {
                    continue;
                }
                Set<Mistake> mistakes = new LinkedHashSet<>(base.mistakes());
                Mistake ofForm = form.mistake();
                boolean constant =
                        form == InputForm.CONSTANT && evidence.effectiveMode() == Mode.INFER;
                if (ofForm != null && !constant) {
                    mistakes.add(ofForm);
                }
                if (inputForXhat) {
                    mistakes.add(Mistake.INPUT_FOR_XHAT);
                }
                if (mistakes.size() <= 2) {
                    all.add(
                            new GradientHypothesis(
                                    base, form, inputForXhat, parameters, fields, mistakes));
                }
            }
        }
    }
}
