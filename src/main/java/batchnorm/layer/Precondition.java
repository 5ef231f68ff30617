package batchnorm.layer;

import java.util.Set;

/// What `If-Match` asks of a layer's current version (RFC 9110, 13.1.1).
///
/// @param tags one of these, or none given: anything
public record Precondition(Set<String> tags) {
    public static final Precondition NONE = new Precondition(Set.of());

    /// @throws VersionMismatch when the layer has none of the tags
    void check(Layer layer) {
        if (!tags.isEmpty() && !tags.contains(layer.tag())) {
            throw new VersionMismatch(layer);
        }
    }
}
