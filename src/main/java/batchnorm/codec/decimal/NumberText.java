package batchnorm.codec.decimal;

/// Formats the numbers of one array as JSON text.
public interface NumberText {
    /// Writes the elements `[from, to)`, each followed by a comma. The buffer must have
    /// [DecimalWriter#ROOM] + 1 free bytes for each.
    ///
    /// @return the position after the last comma
    int write(byte[] text, int at, int from, int to);
}
