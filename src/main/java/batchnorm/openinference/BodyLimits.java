package batchnorm.openinference;

import batchnorm.codec.Codec;
import jakarta.servlet.http.HttpServletRequest;

/// The bounds of one inference request.
///
/// @param bytes of a body, as it comes and inflated
/// @param codec bounds of what it holds
/// @param room counts inflated bytes among those that requests in work hold
/// @param arrays counts arrays among them
public record BodyLimits(long bytes, Codec.Limits codec, Room room, Room arrays) {

    /// Memory that all in-flight bodies share.
    @FunctionalInterface
    public interface Room {
        /// Counts bytes that the request holds, or is about to hold.
        ///
        /// @throws batchnorm.layer.Overloaded when there is no room
        void count(HttpServletRequest request, long bytes);
    }
}
