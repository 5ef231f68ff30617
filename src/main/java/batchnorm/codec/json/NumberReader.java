package batchnorm.codec.json;

import batchnorm.codec.decimal.Narrowing;
import batchnorm.codec.decimal.NumberScanner;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads JSON numbers as correctly rounded doubles. [NumberScanner] reads the common form; all
/// others, including malformed ones, are scanned again by [NumberLiteral].
public final class NumberReader {
    private final JsonReader reader;
    private final NumberScanner scanner = new NumberScanner();

    /// The last number, unless it had the common form.
    private @Nullable NumberLiteral literal;

    NumberReader(JsonReader reader) {
        this.reader = reader;
    }

    /// Reads the number at the reader's position; an infinity when it is out of range.
    ///
    /// @throws MalformedJson when the position is not at a number
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

    /// Reads the common numbers in the buffer, each followed by a comma, into an FP32 array. Stops
    /// before any other value, left to [#read].
    ///
    /// @return the index after the last number
    int readRun(float[] target, int from) {
        int size = scanner.run(reader.bytes, reader.position, lastStart(), target, from);
        reader.position = scanner.position();
        return size;
    }

    /// Reads into an FP64 array.
    ///
    /// @param narrowable whether to stop before numbers that cannot be narrowed safely
    int readRun(double[] target, int from, boolean narrowable) {
        int size =
                scanner.run(reader.bytes, reader.position, lastStart(), target, from, narrowable);
        reader.position = scanner.position();
        return size;
    }

    private int lastStart() {
        return reader.limit - NumberScanner.COMMON_LENGTH;
    }

    /// Reads the number at the reader's position, of any length, checked byte by byte.
    public NumberLiteral literal() throws IOException {
        return NumberLiteral.read(reader);
    }

    /// Returns the last number, whose double is `value`, for rounding to a narrower datatype. Where
    /// `value` was rounded to the midpoint of two narrower numbers, this steps back towards the
    /// decimal.
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
