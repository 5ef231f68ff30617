package batchnorm.web;

import batchnorm.codec.Message;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Layers;
import batchnorm.normalization.Affine;
import batchnorm.normalization.Folding;
import batchnorm.normalization.Folding.Folded;
import batchnorm.normalization.LinearMap;
import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// A layer's inference without the layer.
@RestController
@RequestMapping("/api/v1/layers/{name}")
final class FoldController {
    private final Layers layers;

    FoldController(Layers layers) {
        this.layers = layers;
    }

    @GetMapping("/affine")
    @Performs(Operation.GET_AFFINE)
    void affine(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Layer layer = layers.get(name);
        if (!exchange.isUnchanged(layer)) {
            exchange.reserve(LayerStore.vectorBytes(layer.features()) / 2);
            Affine affine = layer.affine();
            exchange.version(layer)
                    .answer(
                            new Message()
                                    .with("scale", affine.scale())
                                    .with("shift", affine.shift())
                                    .with("version", (Long) layer.version()));
        }
    }

    @PostMapping("/fold")
    @Performs(Operation.FOLD_LAYER)
    void fold(@PathVariable LayerName name, Exchange exchange) throws IOException {
        Message request = exchange.read();
        LinearMap map = FoldMessages.map(request);
        Layer layer = layers.get(name);
        exchange.reserve(LayerStore.vectorBytes(layer.features()) / 2);
        Folded folded = Folding.fold(layer.affine(), FoldMessages.position(request), map);
        exchange.version(layer)
                .answer(
                        new Message()
                                .in(request.form())
                                .with("weight", folded.weight())
                                .with("bias", folded.bias()));
    }
}
