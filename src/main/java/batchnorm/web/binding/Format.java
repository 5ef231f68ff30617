package batchnorm.web.binding;

import batchnorm.codec.Codec;
import batchnorm.codec.json.JsonCodec;
import batchnorm.codec.npy.NpyCodec;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.codec.safetensors.SafetensorsCodec;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/// The media types of messages.
public enum Format {
    JSON("application/json", new JsonCodec()),
    NPY("application/x-npy", new NpyCodec()),
    NPZ("application/x-npz", new NpzCodec()),
    SAFETENSORS("application/vnd.safetensors", new SafetensorsCodec()),
    /// Raw bytes, with the shape and datatype in headers.
    RAW("application/octet-stream", null);

    /// The formats of exported checkpoints, the default one first.
    static final List<Format> CHECKPOINTS = List.of(SAFETENSORS, NPZ);

    /// The formats of imported checkpoints. Their first bytes decide, so [#RAW] stands for all
    /// others.
    static final List<Format> MODEL_FILES = List.of(SAFETENSORS, NPZ, RAW);

    /// The formats of folded models, and of the report on one.
    static final List<Format> FOLDED_MODELS = List.of(RAW, SAFETENSORS, JSON);

    public static final String MERGE_PATCH = "application/merge-patch+json";

    private final MediaType type;
    private final @Nullable Codec codec;

    Format(String mediaType, @Nullable Codec codec) {
        this.type = MediaType.valueOf(mediaType);
        this.codec = codec;
    }

    public String mediaType() {
        return type.toString();
    }

    MediaType type() {
        return type;
    }

    /// Returns whether a body is a single unnamed array.
    boolean isBareArray() {
        return this == NPY || this == RAW;
    }

    /// Returns the extension of file names.
    public String extension() {
        return '.' + name().toLowerCase(Locale.ROOT);
    }

    Optional<Codec> codec() {
        return Optional.ofNullable(codec);
    }
}
