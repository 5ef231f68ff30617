package batchnorm.codec.decimal;

/// The doubles of an array as JSON text, one after the other.
///
/// @param decimals of which nothing is kept from one number to the next
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
