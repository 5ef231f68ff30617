package batchnorm.access;

import java.util.Locale;

/// The successful requests that the audit log records.
public enum AuditEvent {
    CREATE,
    REPLACE,
    DELETE,
    DELETE_SNAPSHOT,
    BACKUP;

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
