package batchnorm.openinference;

import batchnorm.codec.Codec;
import jakarta.servlet.http.HttpServletRequest;

/// The bounds of one inference request.
///
/// @param bytes of a body, as it comes and inflated
/// @param codec bounds of what it holds
/// @param room counts inflated bytes among the in-flight bodies
public record BodyLimits(long bytes, Codec.Limits codec, Room room) {

    /// Memory that all in-flight bodies share.
    @FunctionalInterface
    public interface Room {
        /// Reserves as many bytes as the request's body takes by now.
        ///
        /// @throws batchnorm.layer.Overloaded when there is no room
        void cover(HttpServletRequest request, long bytes);
    }
}
