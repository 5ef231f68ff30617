package batchnorm.storage;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Sets the parameters of a statement from left to right and sums them up.
final class RowWriter {
    private final PreparedStatement statement;
    private final Checksum checksum = new Checksum();
    private int column;

    RowWriter(PreparedStatement statement) {
        this.statement = statement;
    }

    RowWriter text(@Nullable String value) throws SQLException {
        statement.setString(++column, value);
        checksum.text(value);
        return this;
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

    /// For a column that came later, as [RowReader#laterNumber] wants it.
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

    /// A column that older rows do not have: without a value it is not summed up.
    RowWriter laterVector(double @Nullable [] values) throws SQLException {
        if (values == null) {
            statement.setBytes(++column, null);
            return this;
        }
        return vector(values);
    }

    /// Sets the checksum of everything so far.
    RowWriter seal() throws SQLException {
        return number(checksum.value());
    }
}
