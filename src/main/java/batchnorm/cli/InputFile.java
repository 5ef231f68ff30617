package batchnorm.cli;

import batchnorm.checkpoint.CheckpointFile;
import batchnorm.checkpoint.InexactState;
import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Selection;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.ShapeMismatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A model file on disk, or on the standard input.
///
/// @param name the path; `-` for the standard input
record InputFile(String name) {
    private static final String STANDARD = "-";

    /// The limits of the service.
    static final Codec.Limits LIMITS = new Codec.Limits(1 << 25, 64);

    /// Reads a file.
    ///
    /// @param <T> the result
    @FunctionalInterface
    interface Reader<T> {
        /// @param file null for the standard input
        T read(@Nullable Path file, InputStream content) throws IOException;
    }

    /// Reads the selected tensors, and converts them.
    ///
    /// @throws FileProblem when the file cannot be read, or is rejected
    <T> T read(Selection selection, StandardStreams streams, Function<Checkpoint, T> work) {
        return read(
                streams,
                (file, content) ->
                        work.apply(
                                file == null
                                        ? CheckpointFile.read(content, false, selection, LIMITS)
                                        : CheckpointFile.read(file, content, selection, LIMITS)));
    }

    /// @throws FileProblem when the file cannot be read, or is rejected
    <T> T read(StandardStreams streams, Reader<T> reader) {
        return checked(() -> {
            try {
                return name.equals(STANDARD)
                        ? reader.read(null, streams.in())
                        : ofFile(streams, reader);
            } catch (NoSuchFileException e) {
                throw new FileProblem(name, "no such file");
            } catch (AccessDeniedException e) {
                throw new FileProblem(name, "permission denied");
            } catch (IOException e) {
                throw new FileProblem(name, "cannot be read: " + e.getMessage());
            }
        });
    }

    private <T> T ofFile(StandardStreams streams, Reader<T> reader) throws IOException {
        Path file = Path.of(name);
        if (Files.isDirectory(file)) {
            throw new FileProblem(name, "is a directory");
        }
        try (InputStream content =
                Progress.of(Files.newInputStream(file), name, Files.size(file), streams)) {
            return reader.read(file, content);
        }
    }

    /// Runs work on the content, with the name of the file in its errors.
    void checked(Runnable work) {
        checked(() -> {
            work.run();
            return name;
        });
    }

    /// Returns the result of work on the content, with the name of the file in its errors.
    <T> T checked(Supplier<T> work) {
        try {
            return work.get();
        } catch (MalformedTensor
                | MalformedJson
                | InvalidField
                | BodyTooLarge
                | ShapeMismatch
                | NonFiniteValue
                | NonFiniteResult
                | InvalidConfig
                | InexactState e) {
            throw new FileProblem(name, String.valueOf(e.getMessage()));
        }
    }
}
