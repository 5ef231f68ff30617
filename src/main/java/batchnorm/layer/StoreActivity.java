package batchnorm.layer;

/// What a store has done since the start, for whoever watches it.
///
/// @param waiting changes that wait to be committed
/// @param commits transactions so far
/// @param changes how many changes were in them
public record StoreActivity(int waiting, long commits, long changes) {

    public StoreActivity plus(StoreActivity other) {
        return new StoreActivity(
                waiting + other.waiting, commits + other.commits, changes + other.changes);
    }
}
