package batchnorm.web.binding;

import batchnorm.checkpoint.fold.FoldedModel;
import batchnorm.checkpoint.fold.StateDictFolding;
import java.io.IOException;

/// A model file in a request body, which is folded while it is read.
@FunctionalInterface
public interface ModelBody {
    /// @return the caller closes it unless it is the body of the response
    FoldedModel fold(StateDictFolding options) throws IOException;
}
