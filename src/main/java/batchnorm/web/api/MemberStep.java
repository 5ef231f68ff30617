package batchnorm.web.api;

import batchnorm.collective.SyncGroups;
import batchnorm.collective.SyncPart;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;

/// One member's part of a step of a group.
///
/// @param step its number, counted by the members
public record MemberStep(@PositiveOrZero @Max(SyncGroups.MAX_SIZE - 1) int rank, long step) {

    /// @param fingerprint of the request, which a repetition must equal
    public SyncPart part(RequestFingerprint fingerprint) {
        return new SyncPart(rank, step, fingerprint.value());
    }
}
