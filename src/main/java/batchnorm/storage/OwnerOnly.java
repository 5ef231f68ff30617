package batchnorm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Files readable by their owner only: layers, and the secret that signs ids. File systems without
/// POSIX permissions apply their own rules.
final class OwnerOnly {
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> DIRECTORY =
            PosixFilePermissions.fromString("rwx------");

    private OwnerOnly() {}

    /// Creates a directory and its missing parents. An existing one keeps its permissions, because
    /// other programs may use it.
    static void directories(Path path) throws IOException {
        Files.createDirectories(path, attributes(path, DIRECTORY));
    }

    /// Creates an empty file, or restricts the permissions of an existing one.
    static void file(Path path) throws IOException {
        if (Files.exists(path)) {
            restrict(path);
        } else {
            Files.createFile(path, attributes(path, FILE));
        }
    }

    /// @throws IOException if the file belongs to another user
    static void restrict(Path path) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (view != null && !view.readAttributes().permissions().equals(FILE)) {
            view.setPermissions(FILE);
        }
    }

    private static FileAttribute<?>[] attributes(Path path, Set<PosixFilePermission> permissions) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }
}
