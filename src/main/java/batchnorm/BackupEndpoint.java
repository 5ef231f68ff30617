package batchnorm;

import batchnorm.layer.LayerStore;
import batchnorm.storage.SqliteLayerStore;
import java.io.IOException;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/// `GET /actuator/backup`: a consistent copy of the embedded store, made while it is in use. It
/// holds everything that the store holds, the secret too. See `docs/deployment.md` for the way
/// back.
@WebEndpoint(id = "backup")
final class BackupEndpoint {
    private final LayerStore store;

    BackupEndpoint(LayerStore store) {
        this.store = store;
    }

    /// @throws batchnorm.layer.StorageFull when there is no room for the copy
    @ReadOperation(produces = "application/vnd.sqlite3")
    Resource backup() throws IOException {
        if (store instanceof SqliteLayerStore embedded) {
            return new InputStreamResource(embedded.backUp(), "a backup of the store");
        }
        throw new ResponseStatusException(HttpStatus.NOT_FOUND); // PostgreSQL makes its own
    }
}
