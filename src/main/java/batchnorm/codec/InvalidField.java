package batchnorm.codec;

/// A field of a well-formed body that is unknown, duplicate, missing, or of the wrong kind.
public final class InvalidField extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param field the path of the field: `input.shape`, `gamma[3]`
    public InvalidField(String field, String message) {
        super(message);
        this.field = field;
    }

    /// Rejects an unknown field and suggests the known field that it resembles.
    public static InvalidField unknown(String name, String prefix, Signature signature) {
        String guess =
                signature.fields().stream()
                        .map(Signature.Field::name)
                        .filter(known -> resemble(name, known))
                        .findFirst()
                        .map(known -> " (did you mean \"" + known + "\"?)")
                        .orElse("");
        return new InvalidField(
                prefix + QuotedInput.cut(name),
                "unknown field "
                        + QuotedInput.ascii(prefix + name)
                        + guess
                        + "; allowed are "
                        + signature.names());
    }

    /// Returns whether two names differ by case, punctuation, or at most two edited letters.
    private static boolean resemble(String name, String known) {
        if (name.length() > known.length() + 2 || name.length() < known.length() - 2) {
            return false;
        }
        int[] distances = new int[known.length() + 1];
        for (int j = 0; j <= known.length(); j++) {
            distances[j] = j;
        }
        for (int i = 1; i <= name.length(); i++) {
            int diagonal = distances[0];
            distances[0] = i;
            for (int j = 1; j <= known.length(); j++) {
                int changed =
                        diagonal
                                + (Character.toLowerCase(name.charAt(i - 1)) == known.charAt(j - 1)
                                        ? 0
                                        : 1);
                diagonal = distances[j];
                distances[j] = Math.min(changed, Math.min(distances[j], distances[j - 1]) + 1);
            }
        }
        return distances[known.length()] <= Math.min(2, known.length() / 2);
    }

    public String field() {
        return field;
    }
}
