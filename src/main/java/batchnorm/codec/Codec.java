package batchnorm.codec;

import batchnorm.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.OptionalLong;

/// A representation of messages as bytes. Codecs never trust a length: each is checked against the
/// limits before memory is allocated, and against the bytes that arrive.
public interface Codec {

    /// Reads one message to the end of the body.
    ///
    /// @throws MalformedJson, MalformedTensor, InvalidField, BodyTooLarge as each type describes
    Message decode(InputStream body, Signature signature, Limits limits) throws IOException;

    /// Writes one message. Neither flushes nor closes the body.
    void encode(Message message, OutputStream body) throws IOException;

    /// Returns the number of bytes that [#encode] will write, if known without encoding.
    default OptionalLong length(Message message) {
        return OptionalLong.empty();
    }

    /// Counts the arrays decoded from a body: a few bytes may expand to many.
    @FunctionalInterface
    interface Memory {
        /// @param bytes of an array about to be allocated; negative for an array that was dropped
        /// @throws RuntimeException when the memory budget is exceeded
        void reserve(long bytes);
    }

    /// The limits on the contents of a body.
    ///
    /// @param elements the maximum number of elements of one tensor
    /// @param depth the maximum nesting depth of JSON
    /// @param memory counts arrays before they are allocated
    record Limits(int elements, int depth, Memory memory) {

        /// Limits without a shared memory budget.
        public Limits(int elements, int depth) {
            this(elements, depth, bytes -> {});
        }

        /// Returns the shape, or rejects one that is too large.
        ///
        /// @param path of its tensor
        /// @throws BodyTooLarge when the dimensions that are not 0 multiply to more than the limit
        public Shape require(Shape shape, String path) {
            // Zeros are left out, as in Shape: an empty batch of a billion channels must not create
            // a layer of that size.
            long product = 1;
            for (int dimension : shape.toArray()) {
                product *= Math.max(dimension, 1);
            }
            if (product > elements) {
                throw new BodyTooLarge(
                        path
                                + " has shape "
                                + shape
                                + "; a tensor may have at most "
                                + elements
                                + " elements");
            }
            return shape;
        }
    }
}
