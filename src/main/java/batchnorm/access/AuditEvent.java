package batchnorm.access;

import java.util.Locale;

/// What the audit log records of a request that succeeded.
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
