package batchnorm.openinference;

import batchnorm.codec.Codec;
import jakarta.servlet.http.HttpServletRequest;

/// How much one inference request may ask.
///
/// @param bytes of a body, as it comes and inflated
/// @param inflation how many times its size a body may inflate to
/// @param codec what it may hold
/// @param room where inflated bytes are counted among the bodies in work
public record BodyLimits(long bytes, int inflation, Codec.Limits codec, Room room) {

    /// Memory that all bodies in work share.
    @FunctionalInterface
    public interface Room {
        /// The request's body takes so many bytes by now.
        ///
        /// @throws batchnorm.layer.Overloaded when there is no room
        void cover(HttpServletRequest request, long bytes);
    }
}
