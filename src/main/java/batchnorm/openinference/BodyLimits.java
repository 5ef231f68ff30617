package batchnorm.openinference;

import batchnorm.codec.Codec;
import jakarta.servlet.http.HttpServletRequest;

/// The limits of one inference request.
///
/// @param bytes of a body, compressed and inflated
/// @param codec limits of its contents
/// @param room charges inflated bytes to the memory budget
/// @param arrays charges arrays to the memory budget
public record BodyLimits(long bytes, Codec.Limits codec, Room room, Room arrays) {

    /// The memory budget that all in-flight bodies share.
    @FunctionalInterface
    public interface Room {
        /// Charges bytes that the request holds or allocates.
        ///
        /// @throws batchnorm.layer.Overloaded if the memory is not available in time
        void count(HttpServletRequest request, long bytes);
    }
}
