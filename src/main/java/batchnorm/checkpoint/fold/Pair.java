package batchnorm.checkpoint.fold;

import batchnorm.codec.InvalidField;
import batchnorm.codec.QuotedInput;
import java.util.ArrayList;
import java.util.List;

/// Two layers of a model of which one follows the other, by their paths: `conv1:bn1`.
///
/// @param first the layer whose output is the input of the second
public record Pair(String first, String second) {

    /// Reads pairs that are separated by commas.
    ///
    /// @throws InvalidField when one is no pair
    public static List<Pair> parse(String text) {
        List<Pair> pairs = new ArrayList<>();
        for (String each : text.split(",", -1)) {
            String[] names = each.strip().split(":", -1);
            if (names.length != 2 || names[0].isBlank() || names[1].isBlank()) {
                throw new InvalidField(
                        "pairs",
                        "pairs must be \"layer:layer\", separated by commas, such as conv1:bn1; %s is none"
                                .formatted(QuotedInput.of(each)));
            }
            pairs.add(new Pair(names[0].strip(), names[1].strip()));
        }
        return pairs;
    }
}
