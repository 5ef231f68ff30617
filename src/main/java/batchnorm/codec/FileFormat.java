package batchnorm.codec;

/// The format of a checkpoint, as its bytes identify it.
public enum FileFormat {
    SAFETENSORS("safetensors"),
    /// A ZIP archive of .npy entries.
    NPZ("npz"),
    /// What `torch.save` writes since PyTorch 1.6.
    PYTORCH("pytorch"),
    /// What `torch.save` wrote before PyTorch 1.6.
    PYTORCH_LEGACY("pytorch-legacy");

    private final String word;

    FileFormat(String word) {
        this.word = word;
    }

    /// Returns the name of the format in responses.
    public String word() {
        return word;
    }
}
