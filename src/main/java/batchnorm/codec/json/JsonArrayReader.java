package batchnorm.codec.json;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads a flat or nested array of numbers and checks that it has one shape, without recursion.
final class JsonArrayReader {
    private static final int UNKNOWN = -1;

    private final JsonReader reader;
    private final NumberReader numbers;
    private final JsonStringReader strings;
    private final String path;
    private final TensorBuilder elements;
    private final boolean booleans;

    /// The number of open arrays; numbers are expected where it equals the rank of the tensor.
    private int depth;

    private int rank = UNKNOWN;

    /// Indexed by depth, from 1: the length of arrays at that depth, and the index in the open one.
    private final int[] extents = new int[Shape.MAX_RANK + 1];

    private final int[] places = new int[Shape.MAX_RANK + 1];

    private @Nullable Shape shape;
    private boolean nested;

    /// @param booleans whether true and false are read as 1 and 0
    JsonArrayReader(
            JsonReader reader,
            NumberReader numbers,
            JsonStringReader strings,
            String path,
            TensorBuilder elements,
            boolean booleans) {
        this.reader = reader;
        this.numbers = numbers;
        this.strings = strings;
        this.path = path;
        this.elements = elements;
        this.booleans = booleans;
        Arrays.fill(extents, UNKNOWN);
    }

    /// Returns whether the array contained arrays.
    boolean isNested() {
        return nested;
    }

    /// Reads a flat array of numbers.
    void readFlat() throws IOException {
        open();
        rank = 1;
        row();
        close();
    }

    /// Reads a flat or nested array. A nested array must match the expected shape, if given.
    ///
    /// @return the shape found
    Shape read(@Nullable Shape expected) throws IOException {
        open();
        nested = reader.peek() == '[';
        if (!nested) {
            rank = 1;
        } else if (expected != null) {
            shape = expected;
            rank = expected.rank();
            System.arraycopy(expected.toArray(), 0, extents, 1, rank);
        }
        while (depth > 0) {
            if (reader.peek() == '[') {
                open();
            } else {
                row();
                close();
                while (depth > 0 && !reader.another(']')) {
                    close();
                }
                if (depth > 0 && reader.peek() != '[') {
                    throw misplaced("an array");
                }
            }
        }
        int found = 1;
        while (found < rank && extents[found] != 0) {
            found++;
        }
        return Shape.of(Arrays.copyOfRange(extents, 1, found + 1));
    }

    private void open() throws IOException {
        if (depth == rank) {
            throw misplaced("a number");
        }
        if (depth == Shape.MAX_RANK) {
            throw new MalformedTensor(
                    path, path + " nests deeper than " + Shape.MAX_RANK + " dimensions");
        }
        reader.open();
        depth++;
        places[depth] = 0;
    }

    /// Closes an array and checks its length.
    private void close() {
        int count = places[depth];
        int extent = extents[depth];
        reader.close();
        depth--;
        if (extent == UNKNOWN) {
            extents[depth + 1] = count;
        } else if (extent != count) {
            throw new MalformedTensor(
                    place(),
                    "%s has %d elements where %d are expected%s"
                            .formatted(
                                    place(),
                                    count,
                                    extent,
                                    shapeOr("; nested arrays of one depth must have one length")));
        }
        places[depth]++;
    }

    /// Reads numbers up to the end of an innermost array.
    private void row() throws IOException {
        if (reader.skip(']')) {
            if (rank == UNKNOWN) {
                rank = depth;
            }
            return;
        }
        int start = elements.size();
        boolean many = depth == rank;
        do {
            if (many && elements.expectsMany(extents[depth])) {
                many = new NumberSegments(reader, elements).read();
            }
            byte next = reader.peek();
            if (depth == rank) {
                elements.addRun(numbers);
                next = reader.peek();
            }
            boolean number = JsonReader.beginsNumber(next) && !reader.atBareNonFinite();
            if (!number || depth != rank) {
                places[depth] = elements.size() - start;
                number(next);
            } else if (!elements.add(numbers)) {
                places[depth] = elements.size() - start - 1;
                throw outOfRange();
            }
        } while (reader.another(']'));
        places[depth] = elements.size() - start;
    }

    /// Reads a value that is not a plain number at the depth of numbers.
    private void number(byte next) throws IOException {
        if (rank == UNKNOWN) {
            rank = depth;
        }
        if (depth != rank) {
            throw misplaced("an array");
        }
        if (next == '"') {
            nonFinite();
        } else if (reader.atBareNonFinite()) {
            elements.addPlain(reader.bareNonFinite());
        } else if (JsonReader.beginsNumber(next)) {
            if (!elements.add(numbers)) {
                throw outOfRange();
            }
        } else if (booleans && (next == 't' || next == 'f')) {
            elements.addPlain(reader.bool() ? 1 : 0);
        } else {
            throw misplaced("a number");
        }
    }

    private void nonFinite() throws IOException {
        String text = strings.read();
        Double value = nonFinite(text);
        if (value == null) {
            throw new MalformedTensor(
                    place(),
                    place()
                            + " is the string "
                            + QuotedInput.of(text)
                            + "; numbers are written without quotes, and only \"NaN\", \"Infinity\" and"
                            + " \"-Infinity\" with them");
        }
        elements.addPlain(value);
    }

    /// Returns the non-finite number that a string represents, or null for other strings.
    static @Nullable Double nonFinite(String text) {
        return switch (text) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> null;
        };
    }

    private MalformedTensor outOfRange() {
        return outOfRange(place(), elements.dataType());
    }

    static MalformedTensor outOfRange(String place, DataType dataType) {
        return new MalformedTensor(
                place,
                place
                        + " is beyond the range of "
                        + dataType
                        + "; infinity is written as the string \"Infinity\"");
    }

    /// Returns an exception for a next value of the wrong kind.
    private MalformedTensor misplaced(String expected) throws IOException {
        String found = reader.kind();
        String hint =
                switch (found) {
                    case "a number", "an array" ->
                            shapeOr("; all numbers of a tensor must have the same depth");
                    case "null" -> "; a missing number is written \"NaN\"";
                    default -> "";
                };
        return new MalformedTensor(
                place(), place() + " is " + found + " where " + expected + " is expected" + hint);
    }

    private String shapeOr(String hint) {
        return shape != null ? "; the shape is " + shape : nested ? hint : "";
    }

    /// Returns the path of the current element: `input[1][0]`.
    private String place() {
        StringBuilder place = new StringBuilder(path);
        for (int level = 1; level <= depth; level++) {
            place.append('[').append(places[level]).append(']');
        }
        return place.toString();
    }

    /// Returns whether the nesting of one shape fits another: an empty array hides the dimensions
    /// within.
    static boolean nestsAs(Shape found, Shape shape) {
        int[] outer = found.toArray();
        int[] all = shape.toArray();
        return outer.length <= all.length
                && Arrays.equals(outer, Arrays.copyOf(all, outer.length))
                && (outer.length == all.length || found.elements() == 0);
    }
}
