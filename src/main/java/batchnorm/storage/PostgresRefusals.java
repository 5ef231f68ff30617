package batchnorm.storage;

import java.sql.SQLException;

/// Explains why a PostgreSQL database cannot be used.
final class PostgresRefusals {
    private static final String CREDENTIALS =
            "Set BATCHNORM_DATABASE_USER and BATCHNORM_DATABASE_PASSWORD to a role that may log in to this"
                    + " database.";

    private PostgresRefusals() {}

    static StoreRefused of(PostgresSettings settings, SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return switch (state) {
            case "28P01", "28000" -> refused("rejects the credentials", CREDENTIALS, failure);
            case "3D000" ->
                    refused(
                            "does not have the database",
                            "Create it with CREATE DATABASE, or correct its name in BATCHNORM_DATABASE_URL.",
                            failure);
            case "53300" ->
                    refused(
                            "has no free connection",
                            "Each replica takes up to "
                                    + (settings.writers() + settings.readers())
                                    + " connections. Raise max_connections of the server, or the CONNECTION LIMIT of"
                                    + " the role or the database, or stop another client.",
                            failure);
            case "42501" ->
                    refused(
                            "does not permit the role to create or use the tables",
                            "Make the role the owner of the database, or run there: GRANT USAGE, CREATE ON SCHEMA"
                                    + " public TO "
                                    + role(settings)
                                    + ".",
                            failure);
            case "25006" -> readOnly();
            case "57P03", "57P01", "57P02" ->
                    refused("is starting or stopping", "Start the service again later.", failure);
            default ->
                    state.startsWith("08")
                            ? refused(
                                    "does not respond",
                                    "Check the host and the port in BATCHNORM_DATABASE_URL, and that the server runs and"
                                            + " accepts TCP connections from this machine.",
                                    failure)
                            : refused(
                                    "cannot be used",
                                    "Check BATCHNORM_DATABASE_URL, and the log of the database server.",
                                    failure);
        };
    }

    static StoreRefused readOnly() {
        return new StoreRefused(
                "PostgreSQL takes no changes: it is a standby, or read-only by default_transaction_read_only",
                "Set BATCHNORM_DATABASE_URL to the primary, or switch default_transaction_read_only off.");
    }

    /// Returns the role for a statement, quoted where its name may need it.
    private static String role(PostgresSettings settings) {
        return settings.user() == null ? "the role" : "\"" + settings.user() + "\"";
    }

    private static StoreRefused refused(String what, String remedy, SQLException failure) {
        Throwable cause = failure.getCause();
        String message =
                cause == null
                        ? String.valueOf(failure.getMessage())
                        : failure.getMessage() + " " + Causes.root(cause).getMessage();
        return new StoreRefused("PostgreSQL " + what + " (" + message + ")", remedy, failure);
    }
}
