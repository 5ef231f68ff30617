package batchnorm.layer;

/// The connections of a store that readers, and with a database server also writers, share.
///
/// @param inUse connections that run a query
/// @param idle open connections without a query
/// @param waiting threads that wait for a connection
public record StoreConnections(int inUse, int idle, int waiting) {
    public StoreConnections plus(StoreConnections other) {
        return new StoreConnections(
                inUse + other.inUse, idle + other.idle, waiting + other.waiting);
    }
}
