package batchnorm.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A file to write, or the standard output.
///
/// @param name the path; `-` for the standard output
/// @param mayReplace whether to replace an existing file
record OutputFile(String name, boolean mayReplace) {
    private static final String STANDARD = "-";

    /// Writes the content of a file.
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream target) throws IOException;
    }

    boolean isStandard() {
        return name.equals(STANDARD);
    }

    /// @throws FileProblem when the file exists and may not be replaced
    void requireAbsent() {
        if (!isStandard() && !mayReplace && Files.exists(Path.of(name))) {
            throw new FileProblem(name, "exists; --force replaces it");
        }
    }

    /// Writes a file as a whole: a reader never sees a part of it.
    ///
    /// @throws FileProblem when it cannot be written
    void write(Content content, StandardStreams streams) {
        try {
            if (isStandard()) {
                OutputStream target = new BufferedOutputStream(streams.out());
                content.writeTo(target);
                target.flush();
                return;
            }
            Path file = Path.of(name).toAbsolutePath();
            Path part = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".part");
            try {
                try (OutputStream target = new BufferedOutputStream(Files.newOutputStream(part))) {
                    content.writeTo(target);
                }
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (NoSuchFileException e) {
            throw new FileProblem(name, "its directory does not exist");
        } catch (AccessDeniedException e) {
            throw new FileProblem(name, "permission denied");
        } catch (IOException e) {
            throw new FileProblem(name, "cannot be written: " + e.getMessage());
        }
    }
}
