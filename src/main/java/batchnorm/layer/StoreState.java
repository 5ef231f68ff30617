package batchnorm.layer;

import java.util.Locale;

/// Whether a store accepts changes, and why not.
///
/// @param reason for operators, in a sentence without a period; empty when ready
public record StoreState(Kind kind, String reason) {
    public static final StoreState READY = new StoreState(Kind.READY, "");

    /// The kinds of states. All but [#STOPPED] end without a restart.
    public enum Kind {
        /// Changes are accepted.
        READY,
        /// The disk has no space.
        FULL,
        /// The database rejects changes: a standby, or read-only by a setting.
        READ_ONLY,
        /// Stored bytes cannot be read.
        DAMAGED,
        /// The store does not respond, or changes wait for locks that are held elsewhere.
        UNAVAILABLE,
        /// No change is accepted any more. Only a restart of the process helps.
        STOPPED;

        /// Returns the name for logs, health and metrics: `read-only`.
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public boolean isReady() {
        return kind == Kind.READY;
    }
}
