package batchnorm.codec;

/// The format of a checkpoint, as its bytes identify it.
public enum FileFormat {
    SAFETENSORS("safetensors"),
    /// A ZIP archive of .npy entries.
    NPZ("npz"),
    /// What `torch.save` writes since PyTorch 1.6.
    PYTORCH("pytorch"),
    /// What `torch.save` wrote before PyTorch 1.6.
    PYTORCH_LEGACY("pytorch-legacy"),
    /// A `.keras` archive of Keras 3.
    KERAS("keras"),
    /// The HDF5 file of `save_weights` in Keras 3, without a configuration.
    KERAS_WEIGHTS("keras-weights"),
    /// An HDF5 file of Keras before version 3, of a model or of weights.
    KERAS_LEGACY("keras-legacy"),
    ONNX("onnx");

    private final String word;

    FileFormat(String word) {
        this.word = word;
    }

    /// Returns the name of the format in responses.
    public String word() {
        return word;
    }
}
