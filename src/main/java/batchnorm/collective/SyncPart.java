package batchnorm.collective;

/// The member and step of a part.
///
/// @param rank of the member, from 0
/// @param step of its group
/// @param fingerprint equal for equal requests
public record SyncPart(int rank, long step, String fingerprint) {
    /// The maximum step number.
    private static final long MAX_STEP = 1L << 53;

    public SyncPart {
        if (step < 0 || step > MAX_STEP) {
            throw new InvalidCollective("step", "step is " + step + "; it must be 0 or more");
        }
    }
}
