package batchnorm.cli;

/// A file that cannot be read, understood or written. The message names it.
final class FileProblem extends RuntimeException {
    private static final long serialVersionUID = 1;

    FileProblem(String file, String reason) {
        super(file + ": " + reason);
    }
}
