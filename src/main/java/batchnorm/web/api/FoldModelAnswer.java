package batchnorm.web.api;

import batchnorm.checkpoint.fold.FoldReport;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/// What became of each batch normalization of a model.
///
/// @param dropped tensors of a checkpoint that the folded file does not have
@Schema(name = "FoldReport")
public record FoldModelAnswer(
        List<FoldedNode> folded, List<LeftNode> left, List<DroppedTensor> dropped)
        implements ApiAnswer {

    public record FoldedNode(String node, String into) {}

    public record LeftNode(String node, String reason) {}

    public record DroppedTensor(String tensor, String why) {}

    public static FoldModelAnswer of(FoldReport report) {
        return new FoldModelAnswer(
                report.folded().stream()
                        .map(each -> new FoldedNode(each.node(), each.into()))
                        .toList(),
                report.left().stream()
                        .map(each -> new LeftNode(each.node(), each.reason()))
                        .toList(),
                report.dropped().stream()
                        .map(each -> new DroppedTensor(each.tensor(), each.why()))
                        .toList());
    }
}
