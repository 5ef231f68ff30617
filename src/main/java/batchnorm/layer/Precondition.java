package batchnorm.layer;

import java.util.Set;

/// The `If-Match` condition on a layer's current version (RFC 9110, 13.1.1).
///
/// @param tags the accepted tags; empty accepts any version
public record Precondition(Set<String> tags) {
    public static final Precondition NONE = new Precondition(Set.of());

    /// @throws VersionMismatch when the layer has none of the tags
    void check(Layer layer) {
        if (!tags.isEmpty() && !tags.contains(layer.tag())) {
            throw new VersionMismatch(layer);
        }
    }
}
