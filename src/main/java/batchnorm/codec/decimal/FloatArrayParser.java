package batchnorm.codec.decimal;

import org.jspecify.annotations.Nullable;

/// Reads a run of numbers, each with the comma that follows, as FP32.
///
/// The first are read one by one, and then ever more together, at most as many as came before: a
/// short row may end soon, and more would be for nothing. None are for a while where many are of
/// another form than that takes.
final class FloatArrayParser {
    /// So many come before it is worth while to read any together.
    private static final int FEW = 32;

    /// So many come before it is tried again.
    private static final int WHILE = 1024;

    private final NumberScanner scanner;
    private final FractionScanner fractions = new FractionScanner();
    private @Nullable BatchFractionParser lanes;
    private int position;

    /// Whether most of those that were read together last were of the form for it.
    private boolean alike;

    /// @param scanner for numbers of all forms
    FloatArrayParser(NumberScanner scanner) {
        this.scanner = scanner;
    }

    /// Where the run ended: the start of the first number that it left.
    int position() {
        return position;
    }

    /// Reads until something comes that is not plain.
    ///
    /// @param last before which a number must begin
    /// @return the place after the last number in the array
    int read(byte[] text, int start, int last, float[] target, int from) {
        position = start;
        int size = from;
        int turn = FEW;
        boolean together = false;
        while (size < target.length) {
            int wanted = Math.min(turn, target.length - size);
            int read =
                    together
                            ? readTogether(text, last, target, size, wanted)
                            : readEach(text, last, target, size, wanted);
            size += read;
            if (!together && read < wanted) {
                break;
            }
            turn =
                    !together || read < wanted
                            ? FEW
                            : alike ? Math.min(2 * turn, BatchFractionParser.LENGTH) : WHILE;
            together = !together || (read == wanted && alike);
        }
        return size;
    }

    private int readEach(byte[] text, int last, float[] target, int from, int wanted) {
        int at = position;
        int size = from;
        int gap = 1;
        while (size < from + wanted && at < last) {
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

    private int readTogether(byte[] text, int last, float[] target, int from, int wanted) {
        if (lanes == null) {
            lanes = new BatchFractionParser();
        }
        int count = lanes.read(text, position, last, wanted, target, from);
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
