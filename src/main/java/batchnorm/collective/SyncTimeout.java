package batchnorm.collective;

/// Members of a group did not come in time; nothing was changed.
public final class SyncTimeout extends RuntimeException {
    private static final long serialVersionUID = 1;

    SyncTimeout(String message) {
        super(message);
    }
}
