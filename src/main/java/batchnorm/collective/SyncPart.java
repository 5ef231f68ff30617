package batchnorm.collective;

/// Who brings a part, and to what.
///
/// @param rank of the member, from 0
/// @param step of its group
/// @param fingerprint the same for two requests that are the same
public record SyncPart(int rank, long step, String fingerprint) {
    /// Steps a group can have.
    private static final long MAX_STEP = 1L << 53;

    public SyncPart {
        if (step < 0 || step > MAX_STEP) {
            throw new InvalidCollective("step", "step is " + step + "; it must be 0 or more");
        }
    }
}
