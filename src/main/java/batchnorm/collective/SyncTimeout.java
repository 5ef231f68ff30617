package batchnorm.collective;

/// Thrown when members of a group were missing at the deadline; nothing was changed.
public final class SyncTimeout extends RuntimeException {
    private static final long serialVersionUID = 1;

    SyncTimeout(String message) {
        super(message);
    }
}
