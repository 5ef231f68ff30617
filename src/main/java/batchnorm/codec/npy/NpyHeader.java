package batchnorm.codec.npy;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.tensor.InvalidShape;
import batchnorm.tensor.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The header of an .npy array.
///
/// @param descr the type of an element: `<f4`
/// @param fortranOrder whether the first index varies fastest
record NpyHeader(String descr, boolean fortranOrder, Shape shape) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /// NumPy rejects longer ones, too.
    private static final int MAX_LENGTH = 10_000;

    private static final int ALIGNMENT = 64;

    /// NumPy pads the header so that the first dimension can grow to this many digits in place.
    private static final int GROWTH_DIGITS = 21;

    static NpyHeader read(BinaryBody body, String path) throws IOException {
        if (body.atEnd()) {
            throw body.malformed("the body is empty; expected an .npy array");
        }
        for (byte expected : MAGIC) {
            body.require(1, "its header");
            if (body.buffer.get() != expected) {
                throw new MalformedTensor(
                        path, path + " is not an .npy array: it does not begin with \\x93NUMPY");
            }
        }
        body.require(2, "its header");
        byte version = body.buffer.get();
        if (version < 1 || version > 3 || body.buffer.get() != 0) {
            throw body.malformed("expected .npy version 1.0, 2.0 or 3.0");
        }
        body.require(version == 1 ? 2 : 4, "its header");
        long length =
                version == 1 ? body.buffer.getShort() & 0xFFFF : body.buffer.getInt() & 0xFFFFFFFFL;
        if (length > MAX_LENGTH) {
            throw body.malformed("the header is longer than " + MAX_LENGTH + " bytes");
        }
        long start = body.offset();
        byte[] text = new byte[(int) length];
        body.read(text, "its header");
        return new Parser(new String(text, StandardCharsets.ISO_8859_1), path, start).header();
    }

    /// Returns the bytes that NumPy 2 writes for this header, in version 1.0.
    byte[] toBytes() {
        int[] dimensions = shape.toArray();
        StringBuilder text = new StringBuilder();
        text.append("{'descr': '").append(descr).append("', 'fortran_order': ");
        text.append(fortranOrder ? "True" : "False").append(", 'shape': (");
        for (int axis = 0; axis < dimensions.length; axis++) {
            text.append(axis == 0 ? "" : " ").append(dimensions[axis]);
            text.append(axis < dimensions.length - 1 || axis == 0 ? "," : "");
        }
        text.append("), }");
        if (dimensions.length > 0) {
            text.repeat(' ', GROWTH_DIGITS - String.valueOf(dimensions[0]).length());
        }
        int prefix = MAGIC.length + 4;
        int used = prefix + text.length() + 1;
        text.repeat(' ', (ALIGNMENT - used % ALIGNMENT) % ALIGNMENT).append('\n');
        byte[] bytes = new byte[prefix + text.length()];
        System.arraycopy(MAGIC, 0, bytes, 0, MAGIC.length);
        bytes[MAGIC.length] = 1;
        bytes[MAGIC.length + 2] = (byte) text.length();
        bytes[MAGIC.length + 3] = (byte) (text.length() >> 8);
        byte[] ascii = text.toString().getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, bytes, prefix, ascii.length);
        return bytes;
    }

    /// Parses the dictionary literal of a header in the spellings that NumPy reads. Accepts any
    /// order, quotes and spaces, strings with Python 2's `u`, and integers with its `L`. Nothing is
    /// evaluated.
    private static final class Parser {
        private final String text;
        private final String path;
        private final long start;
        private int at;

        Parser(String text, String path, long start) {
            this.text = text;
            this.path = path;
            this.start = start;
        }

        NpyHeader header() {
            String descr = null;
            Boolean fortranOrder = null;
            Shape shape = null;
            expect('{');
            while (!skip('}')) {
                String key = string();
                expect(':');
                switch (key) {
                    case "descr" -> descr = once(descr, key, descr());
                    case "fortran_order" -> fortranOrder = once(fortranOrder, key, bool());
                    case "shape" -> shape = once(shape, key, shape());
                    default -> throw malformed("unknown key " + QuotedInput.of(key));
                }
                if (!skip(',')) {
                    expect('}');
                    break;
                }
            }
            spaces();
            if (at < text.length()) {
                throw malformed("expected nothing after the dictionary");
            }
            if (descr == null || fortranOrder == null || shape == null) {
                throw malformed("expected the keys descr, fortran_order and shape");
            }
            return new NpyHeader(descr, fortranOrder, shape);
        }

        private <T> T once(@Nullable T before, String key, T value) {
            if (before != null) {
                throw malformed("the key " + key + " is given twice");
            }
            return value;
        }

        private String descr() {
            spaces();
            if (at < text.length() && text.charAt(at) == '[') {
                throw malformed("structured arrays are not accepted; send arrays of plain floats");
            }
            return string();
        }

        private boolean bool() {
            spaces();
            boolean value = text.startsWith("True", at);
            if (!value && !text.startsWith("False", at)) {
                throw malformed("expected True or False");
            }
            at += value ? 4 : 5;
            return value;
        }

        private Shape shape() {
            List<Integer> dimensions = new ArrayList<>();
            expect('(');
            while (!skip(')')) {
                if (dimensions.size() == Shape.MAX_RANK) {
                    throw malformed("more than " + Shape.MAX_RANK + " dimensions");
                }
                dimensions.add(dimension());
                // A tuple of one element has a comma; a number in brackets is not a tuple.
                if (!skip(',')) {
                    if (dimensions.size() == 1) {
                        throw malformed("expected ',' after the only dimension");
                    }
                    expect(')');
                    break;
                }
            }
            try {
                return Shape.of(dimensions.stream().mapToInt(Integer::intValue).toArray());
            } catch (InvalidShape e) {
                throw malformed(String.valueOf(e.getMessage()));
            }
        }

        private int dimension() {
            int from = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            String digits = text.substring(from, at);
            if (digits.isEmpty() || (digits.length() > 1 && digits.startsWith("0"))) {
                throw malformed("expected a dimension: an integer, 0 or more");
            }
            longSuffix();
            if (digits.length() > 10 || Long.parseLong(digits) > Shape.MAX_ELEMENTS) {
                throw malformed("a dimension is above " + Shape.MAX_ELEMENTS);
            }
            return Integer.parseInt(digits);
        }

        /// Skips the `L` that Python 2 appends to a long integer.
        private void longSuffix() {
            int before = at;
            if (!skip('L')) {
                at = before;
            }
        }

        private String string() {
            if (at < text.length() && "uU".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            char quote = at < text.length() ? text.charAt(at) : 0;
            int end = text.indexOf(quote, at + 1);
            if ((quote != '\'' && quote != '"') || end < 0) {
                throw malformed("expected a string in quotes");
            }
            String string = text.substring(at + 1, end);
            at = end + 1;
            return string;
        }

        private void expect(char mark) {
            if (!skip(mark)) {
                throw malformed("expected '" + mark + "'");
            }
        }

        private boolean skip(char mark) {
            spaces();
            if (at < text.length() && text.charAt(at) == mark) {
                at++;
                return true;
            }
            return false;
        }

        private void spaces() {
            while (at < text.length() && " \n\t\r\f".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private MalformedTensor malformed(String reason) {
            return new MalformedTensor(
                    path, path + ", byte " + (start + at) + ", in the .npy header: " + reason);
        }
    }
}
