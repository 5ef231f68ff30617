package batchnorm.management;

import batchnorm.access.AuditEvent;
import batchnorm.access.AuditLog;
import batchnorm.layer.LayerStore;
import batchnorm.storage.BackupStream;
import batchnorm.storage.SqliteLayerStore;
import java.io.IOException;
import java.time.Duration;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/// `GET /actuator/backup`: a consistent copy of the embedded store, made while it is in use. It
/// contains everything, including the secret. See `docs/deployment.md` for restoring it.
@WebEndpoint(id = "backup")
public final class BackupEndpoint {
    private final LayerStore store;
    private final Duration timeout;
    private final AuditLog audit;

    /// @param timeout from the request to the last byte
    public BackupEndpoint(LayerStore store, Duration timeout, AuditLog audit) {
        this.store = store;
        this.timeout = timeout;
        this.audit = audit;
    }

    /// @throws batchnorm.layer.StorageFull when the disk cannot hold the copy
    /// @throws batchnorm.layer.Overloaded while another backup is read
    @ReadOperation(produces = "application/vnd.sqlite3")
    Resource backup() throws IOException {
        if (store instanceof SqliteLayerStore embedded) {
            BackupStream copy = embedded.backUp(timeout);
            audit.record(AuditEvent.BACKUP, "store");
            return new Download(copy);
        }
        throw new ResponseStatusException(HttpStatus.NOT_FOUND); // PostgreSQL makes its own
    }

    /// A stream with a length, so that a client detects a truncated backup.
    private static final class Download extends InputStreamResource {
        private final long length;

        Download(BackupStream copy) {
            super(copy, "a backup of the store");
            this.length = copy.length();
        }

        @Override
        public long contentLength() {
            return length;
        }
    }
}
