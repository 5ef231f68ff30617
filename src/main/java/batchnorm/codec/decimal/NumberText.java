package batchnorm.codec.decimal;

/// The numbers of one array as JSON text.
public interface NumberText {
    /// Writes the elements `[from, to)`, each followed by a comma, into a buffer with room for
    /// [DecimalWriter#ROOM] + 1 bytes for each.
    ///
    /// @return the place behind the last comma
    int write(byte[] text, int at, int from, int to);
}
