package batchnorm.storage;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Reads the columns of a row from left to right and computes their checksum, like [RowWriter]. The
/// values are untrusted until [#isSealed] returns true.
final class RowReader {
    private final ResultSet row;
    private final Checksum checksum = new Checksum();
    private int column;

    RowReader(ResultSet row) {
        this.row = row;
    }

    String text() throws SQLException {
        String value = nullableText();
        return value == null ? "" : value;
    }

    @Nullable String nullableText() throws SQLException {
        String value = row.getString(++column);
        checksum.text(value);
        return value;
    }

    long number() throws SQLException {
        Long value = nullableNumber();
        return value == null ? 0 : value;
    }

    @Nullable Long nullableNumber() throws SQLException {
        long number = row.getLong(++column);
        Long value = row.wasNull() ? null : number;
        checksum.number(value);
        return value;
    }

    /// Reads a column added later; a null is not in the checksum.
    @Nullable Long laterNumber() throws SQLException {
        long number = row.getLong(++column);
        if (row.wasNull()) {
            return null;
        }
        checksum.number(number);
        return number;
    }

    double real() throws SQLException {
        double value = row.getDouble(++column);
        checksum.real(value);
        return value;
    }

    /// Returns a vector's bytes, whose length is untrusted.
    byte @Nullable [] bytes() throws SQLException {
        byte[] value = row.getBytes(++column);
        checksum.bytes(value);
        return value;
    }

    /// Reads a column that older rows lack; a null is not in the checksum.
    byte @Nullable [] laterBytes() throws SQLException {
        byte[] value = row.getBytes(++column);
        if (value != null) {
            checksum.bytes(value);
        }
        return value;
    }

    /// Returns whether the next column is the checksum of all columns so far.
    boolean isSealed() throws SQLException {
        return row.getLong(++column) == checksum.value();
    }

    static Instant time(long microseconds) {
        return Instant.EPOCH.plus(microseconds, ChronoUnit.MICROS);
    }
}
