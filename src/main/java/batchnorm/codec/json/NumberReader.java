package batchnorm.codec.json;

import batchnorm.codec.decimal.Narrowing;
import batchnorm.codec.decimal.NumberScanner;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads JSON numbers as correctly rounded doubles: the common ones by [NumberScanner]; every
/// other, also every malformed one, is scanned again by [NumberLiteral].
public final class NumberReader {
    private final JsonReader reader;
    private final NumberScanner scanner = new NumberScanner();

    /// The last number, when it was not a common one.
    private @Nullable NumberLiteral literal;

    NumberReader(JsonReader reader) {
        this.reader = reader;
    }

    /// The number at the reader's position; an infinity when it is out of range.
    ///
    /// @throws MalformedJson when no number comes
    double read() throws IOException {
        reader.require(NumberScanner.COMMON_LENGTH);
        int end = scanner.scan(reader.bytes, reader.position);
        if (end < 0 || (end >= reader.limit && !reader.ended)) {
            literal = NumberLiteral.read(reader);
            return literal.toDouble();
        }
        reader.position = end;
        literal = null;
        return scanner.nearestDouble();
    }

    /// Reads the common numbers that are in the buffer, each with the comma that follows, into an
    /// array of FP32. Stops before whatever is not plain, which is left to [#read].
    ///
    /// @return the place after the last number
    int readRun(float[] target, int from) {
        int size = scanner.run(reader.bytes, reader.position, lastStart(), target, from);
        reader.position = scanner.position();
        return size;
    }

    /// The same for FP64.
    ///
    /// @param narrowable whether to stop before numbers that would not do for narrower datatypes
    int readRun(double[] target, int from, boolean narrowable) {
        int size =
                scanner.run(reader.bytes, reader.position, lastStart(), target, from, narrowable);
        reader.position = scanner.position();
        return size;
    }

    private int lastStart() {
        return reader.limit - NumberScanner.COMMON_LENGTH;
    }

    /// The number at the reader's position, however long, checked byte by byte.
    public NumberLiteral literal() throws IOException {
        return NumberLiteral.read(reader);
    }

    /// The last number that was read, whose double is `value`, for rounding to a narrower datatype.
    /// Where `value` was rounded onto the halfway point between two narrower numbers, this steps
    /// back towards the decimal.
    double narrowable(double value) {
        if (!Narrowing.mayBeHalfway(value)) {
            return value;
        }
        double magnitude = Math.abs(value);
        int order = literal == null ? scanner.compareTo(magnitude) : literal.compareTo(magnitude);
        double moved =
                order > 0
                        ? Math.nextUp(magnitude)
                        : order < 0 ? Math.nextDown(magnitude) : magnitude;
        return Math.copySign(moved, value);
    }
}
