package batchnorm.diagnosis;

import batchnorm.normalization.Convention;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Which convention or which mistake explains the numbers of an implementation.
///
/// The time is linear in the elements: hypotheses are first compared at a few elements, and only
/// those that fit there at all of them.
///
/// @param verdict one sentence per aspect
/// @param findings per aspect, the best first
/// @param indistinguishable names of conventions and mistakes that this data cannot tell apart
/// @param contrasts the data that would tell each of these sets apart
public record Diagnosis(
        String verdict,
        List<Finding> findings,
        List<List<String>> indistinguishable,
        List<String> contrasts) {

    /// @throws batchnorm.normalization.ShapeMismatch, batchnorm.normalization.NonFiniteValue for
    ///   evidence that cannot be compared
    public static Diagnosis of(Evidence evidence) {
        Expectation expectation = Expectation.of(evidence);
        List<Selection> selections = new ArrayList<>();
        Forward forward = new Forward(evidence, expectation);
        Selection ofForward = forward.diagnose();
        if (ofForward != null) {
            selections.add(ofForward);
        }
        if (evidence.hasRunningUpdate()) {
            selections.add(new RunningUpdate(evidence, expectation, forward).diagnose());
        }
        if (evidence.hasGradients()) {
            selections.add(new Backward(evidence, expectation, forward, ofForward).diagnose());
        }
        return of(selections);
    }

    private static Diagnosis of(List<Selection> selections) {
        Set<Convention> common = EnumSet.allOf(Convention.class);
        for (Selection selection : selections) {
            if (selection.isRight() && !selection.conventions().isEmpty()) {
                common.retainAll(selection.conventions());
            }
        }
        List<Finding> findings = new ArrayList<>();
        List<List<String>> indistinguishable = new ArrayList<>();
        List<String> contrasts = new ArrayList<>();
        for (Selection selection : selections) {
            findings.addAll(selection.findings(common));
            Set<String> names = selection.names(common);
            if (names.size() > 1) {
                indistinguishable.add(List.copyOf(names));
                contrasts.add(selection.contrast());
            }
        }
        return new Diagnosis(verdict(findings, selections), findings, indistinguishable, contrasts);
    }

    private static String verdict(List<Finding> findings, List<Selection> selections) {
        Set<String> sentences = new LinkedHashSet<>();
        for (Selection selection : selections) {
            findings.stream()
                    .filter(finding -> finding.aspect() == selection.aspect())
                    .findFirst()
                    .ifPresent(finding -> sentences.add(finding.what()));
        }
        return sentences.stream().collect(Collectors.joining(" "));
    }
}
