package batchnorm.layer;

/// This process among those that share a registry, so that what it keeps in memory for callers has
/// ids that say so.
///
/// @param name tells it from the others, and stays through a restart: what its ids named is then
///   gone, where that of others is elsewhere
public record Replica(String name, byte[] secret) {

    /// Makes ids of one kind of thing.
    ///
    /// @param kind the first letter of what they name, so that one kind is no other
    public SignedIdGenerator mint(char kind) {
        return new SignedIdGenerator(this, kind);
    }

    /// Without the secret.
    @Override
    public String toString() {
        return name;
    }
}
