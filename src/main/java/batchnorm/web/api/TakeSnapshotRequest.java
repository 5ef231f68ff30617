package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import jakarta.validation.constraints.Size;

/// A snapshot of a layer.
public record TakeSnapshotRequest(Change<@Size(max = TakeSnapshotRequest.MAX_LABEL) String> label)
        implements ApiRequest {
    public static final int MAX_LABEL = 128;

    /// @throws InvalidField when the label is too long, or has a control character, because some
    ///   databases do not store those
    public TakeSnapshotRequest {
        String text = label.value();
        int[] codePoints = text == null ? new int[0] : text.codePoints().toArray();
        if (codePoints.length > MAX_LABEL) {
            throw new InvalidField("label", "\"label\" has more than " + MAX_LABEL + " characters");
        }
        for (int i = 0; i < codePoints.length; i++) {
            if (Character.isISOControl(codePoints[i])) {
                throw new InvalidField(
                        "label",
                        "\"label\" has the control character U+%04X at index %d; send it without control characters"
                                .formatted(codePoints[i], i));
            }
        }
    }
}
