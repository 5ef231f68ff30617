package batchnorm.checkpoint.fold;

import java.util.List;

/// What became of each batch normalization of a model, and what its file cannot carry.
///
/// @param folded in the order of the file, as are the others
public record FoldReport(List<Folded> folded, List<Left> left, List<Dropped> dropped) {

    /// A batch normalization that is part of weights now.
    ///
    /// @param into the node or layer with these weights
    public record Folded(String node, String into) {}

    /// A batch normalization that is still there.
    public record Left(String node, String reason) {}

    /// A tensor that the folded file does not have.
    public record Dropped(String tensor, String why) {}
}
