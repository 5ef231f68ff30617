package batchnorm.storage;

import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Sets the parameters of a statement from left to right and updates the row's checksum.
final class RowWriter {
    /// The SQLSTATE of PostgreSQL for invalid text.
    private static final String CHARACTER_NOT_IN_REPERTOIRE = "22021";

    private final PreparedStatement statement;
    private final Checksum checksum = new Checksum();
    private int column;

    RowWriter(PreparedStatement statement) {
        this.statement = statement;
    }

    /// @throws SQLDataException for text that databases reject or store differently
    RowWriter text(@Nullable String value) throws SQLException {
        if (value != null && !value.codePoints().allMatch(RowWriter::isStorable)) {
            throw new SQLDataException(
                    "text with U+0000 or an unpaired surrogate", CHARACTER_NOT_IN_REPERTOIRE);
        }
        statement.setString(++column, value);
        checksum.text(value);
        return this;
    }

    private static boolean isStorable(int codePoint) {
        return codePoint != 0
                && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
    }

    RowWriter number(@Nullable Long value) throws SQLException {
        if (value == null) {
            statement.setNull(++column, Types.BIGINT);
        } else {
            statement.setLong(++column, value);
        }
        checksum.number(value);
        return this;
    }

    /// Sets a column added later, as [RowReader#laterNumber] reads it.
    RowWriter laterNumber(@Nullable Long value) throws SQLException {
        if (value != null) {
            return number(value);
        }
        statement.setNull(++column, Types.BIGINT);
        return this;
    }

    RowWriter real(double value) throws SQLException {
        statement.setDouble(++column, value);
        checksum.real(value);
        return this;
    }

    RowWriter time(Instant value) throws SQLException {
        return number(ChronoUnit.MICROS.between(Instant.EPOCH, value));
    }

    RowWriter vector(double @Nullable [] values) throws SQLException {
        byte[] bytes = values == null ? null : Vectors.bytes(values);
        statement.setBytes(++column, bytes);
        checksum.bytes(bytes);
        return this;
    }

    /// Sets a column that older rows lack; without a value it is not in the checksum.
    RowWriter laterVector(double @Nullable [] values) throws SQLException {
        if (values == null) {
            statement.setBytes(++column, null);
            return this;
        }
        return vector(values);
    }

    /// Sets the checksum of all columns so far.
    RowWriter seal() throws SQLException {
        return number(checksum.value());
    }
}
