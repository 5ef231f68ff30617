package batchnorm.web.binding;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Selection;
import java.io.IOException;

/// A request body of tensors under a framework's names, read with those that are selected.
@FunctionalInterface
public interface CheckpointBody {
    Checkpoint read(Selection selection) throws IOException;
}
