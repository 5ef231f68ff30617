package batchnorm.layer;

/// This process among the replicas that share a registry. Its ids identify the replica whose memory
/// holds their objects.
///
/// @param name unique among the replicas and stable across restarts. After a restart, ids of this
///   replica are gone; ids of others are elsewhere
public record Replica(String name, byte[] secret) {

    /// Returns a generator for one kind of ids.
    ///
    /// @param kind distinguishes ids of different kinds
    public SignedIdGenerator mint(char kind) {
        return new SignedIdGenerator(this, kind);
    }

    /// Returns the name; omits the secret.
    @Override
    public String toString() {
        return name;
    }
}
