package batchnorm.codec.decimal;

/// Formats a double array as JSON text, one number after the other.
///
/// @param decimals a writer without state between numbers
public record DoubleText(double[] values, DecimalWriter decimals) implements NumberText {
    public DoubleText(double[] values) {
        this(values, new DecimalWriter());
    }

    @Override
    public int write(byte[] text, int start, int from, int to) {
        int at = start;
        for (int i = from; i < to; i++) {
            at = decimals.write(text, at, values[i]);
            text[at++] = ',';
        }
        return at;
    }
}
