package batchnorm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Files that no other user of the machine reads: layers, and the secret that ids are signed with.
/// Where the file system has no POSIX permissions, its own rules apply.
final class OwnerOnly {
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> DIRECTORY =
            PosixFilePermissions.fromString("rwx------");

    private OwnerOnly() {}

    /// Makes a directory and its missing parents. One that is there stays as it is: it may hold
    /// what other programs use.
    static void directories(Path path) throws IOException {
        Files.createDirectories(path, attributes(path, DIRECTORY));
    }

    /// Makes an empty file, or takes the permissions of others from one that is there.
    static void file(Path path) throws IOException {
        if (Files.exists(path)) {
            restrict(path);
        } else {
            Files.createFile(path, attributes(path, FILE));
        }
    }

    /// @throws IOException where the file belongs to another user
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
