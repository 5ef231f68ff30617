package batchnorm.web.binding;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Selection;
import java.io.IOException;

/// A checkpoint in a request body, which is read with the selected tensors.
@FunctionalInterface
public interface CheckpointBody {
    Checkpoint read(Selection selection) throws IOException;
}
