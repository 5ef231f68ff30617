package batchnorm.codec.decimal;

import org.jspecify.annotations.Nullable;

/// Parses a run of numbers, each followed by a comma, as FP32.
///
/// The first numbers are parsed one by one, then in batches of growing size, at most as many as
/// before: a short row may end soon, and a larger batch would be wasted. Batches pause for a while
/// when many numbers have a form that the batch parser does not support.
final class FloatArrayParser {
    /// The count of numbers before the first batch.
    private static final int FEW = 32;

    /// The count of numbers before batches are tried again.
    private static final int WHILE = 1024;

    private final NumberScanner scanner;
    private final FractionScanner fractions = new FractionScanner();
    private @Nullable BatchFractionParser lanes;
    private int position;

    /// Whether most numbers of the last batch had the supported form.
    private boolean alike;

    /// @param scanner for numbers of all forms
    FloatArrayParser(NumberScanner scanner) {
        this.scanner = scanner;
    }

    /// Returns the end of the run: the start of the first unread number.
    int position() {
        return position;
    }

    /// Reads up to the first number that is not plain.
    ///
    /// @param last the exclusive bound for the start of a number
    /// @return the index after the last element written
    int read(byte[] text, int start, int last, float[] target, int from) {
        position = start;
        int size = from;
        int turn = FEW;
        boolean together = false;
        while (size < target.length) {
            int most = Math.min(turn, target.length - size);
            int read =
                    together
                            ? readTogether(text, last, target, size, most)
                            : readEach(text, last, target, size, most);
            size += read;
            if (!together && read < most) {
                break;
            }
            turn =
                    !together || read < most
                            ? FEW
                            : alike ? Math.min(2 * turn, BatchFractionParser.LENGTH) : WHILE;
            together = !together || (read == most && alike);
        }
        return size;
    }

    private int readEach(byte[] text, int last, float[] target, int from, int most) {
        int at = position;
        int size = from;
        int gap = 1;
        while (size < from + most && at < last) {
            int end = fractions.scan(text, at);
            float value = fractions.value();
            if (end < 0 || text[end] != ',') {
                end = scanner.scan(text, at);
                value = end < 0 || text[end] != ',' ? Float.NaN : scanner.anyFloat();
                if (!Float.isFinite(value)) {
                    break;
                }
            }
            target[size++] = value;
            if ((text[end + 1] == ' ') != (gap == 2)) {
                gap = 3 - gap;
            }
            at = end + gap;
        }
        position = at;
        return size - from;
    }

    private int readTogether(byte[] text, int last, float[] target, int from, int most) {
        if (lanes == null) {
            lanes = new BatchFractionParser();
        }
        int count = lanes.read(text, position, last, most, target, from);
        int others = 0;
        for (int i = lanes.open(0, count); i < count; i = lanes.open(i + 1, count)) {
            int end = scanner.scan(text, lanes.start(i));
            float value = end == lanes.end(i) ? scanner.anyFloat() : Float.NaN;
            if (!Float.isFinite(value)) {
                count = i;
            } else {
                target[from + i] = value;
                others++;
            }
        }
        alike = others <= count / 8;
        position = lanes.start(count);
        return count;
    }
}
