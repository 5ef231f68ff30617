package batchnorm.web;

import io.swagger.v3.oas.models.tags.Tag;
import java.util.Locale;

/// Under which Swagger UI lists operations.
enum OperationTag {
    LAYERS("The registry of named layers."),
    PASSES("Forward and backward through a layer."),
    INSIGHT("What happens inside, number by number. Changes nothing."),
    TOGETHER("Batches that come in parts: from many workers at once, or in many requests."),
    SNAPSHOTS("Versions of layers that were put aside."),
    FOLDING("A layer's inference as a map per channel, and within the weights beside it."),
    CHECKPOINTS("Layers out of and into the files that frameworks keep."),
    CONVENTIONS("What each framework does when nobody says otherwise.");

    private final String description;

    OperationTag(String description) {
        this.description = description;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    Tag described() {
        return new Tag().name(word()).description(description);
    }
}
