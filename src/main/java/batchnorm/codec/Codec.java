package batchnorm.codec;

import batchnorm.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.OptionalLong;

/// One representation of messages as bytes. Codecs never trust a length: what a header claims is
/// checked against the limits before anything is allocated, and against the bytes that come.
public interface Codec {

    /// Reads one message to the end of the body.
    ///
    /// @throws MalformedJson, MalformedTensor, InvalidField, BodyTooLarge as each type describes
    Message decode(InputStream body, Signature signature, Limits limits) throws IOException;

    /// Writes one message and flushes nothing: the body stays open and is the caller's.
    void encode(Message message, OutputStream body) throws IOException;

    /// How many bytes [#encode] will write, where that is known without encoding.
    default OptionalLong length(Message message) {
        return OptionalLong.empty();
    }

    /// Counts the arrays that a body becomes: a few bytes may become many.
    @FunctionalInterface
    interface Memory {
        /// @param bytes of an array that is about to be made; negative for one that was dropped
        /// @throws RuntimeException when there is no memory for it
        void reserve(long bytes);
    }

    /// What a body may hold.
    ///
    /// @param elements the most that one tensor may hold
    /// @param depth how deep JSON may nest
    /// @param memory where arrays are counted before they are made
    record Limits(int elements, int depth, Memory memory) {

        /// Where the arrays of all bodies are not counted together.
        public Limits(int elements, int depth) {
            this(elements, depth, bytes -> {});
        }

        /// Passes a shape on, unless it is too large.
        ///
        /// @param path of its tensor
        /// @throws BodyTooLarge when the dimensions that are not 0 multiply to more than the limit
        public Shape require(Shape shape, String path) {
            // Zeros are left out, as in Shape: an empty batch of a billion channels must not make a
            // layer of as many.
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
