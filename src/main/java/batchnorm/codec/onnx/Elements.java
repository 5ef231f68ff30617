package batchnorm.codec.onnx;

import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.channels.FileChannel;
import java.util.Collections;
import java.util.List;

/// The place of a tensor's elements.
///
/// @param file in which they are
/// @param number of their field in the tensor
/// @param places of the field; more than one where a writer did not pack them
record Elements(FileChannel file, int number, List<Field> places) {

    long bytes() {
        return places.stream().mapToLong(Field::length).sum();
    }

    InputStream open() {
        return new SequenceInputStream(
                Collections.enumeration(
                        places.stream().map(place -> FilePart.of(file, place).open()).toList()));
    }
}
