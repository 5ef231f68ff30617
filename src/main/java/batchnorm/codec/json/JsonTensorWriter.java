package batchnorm.codec.json;

import batchnorm.codec.TensorForm;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.util.Base64;

/// Writes tensors in any form.
final class JsonTensorWriter {
    private final JsonWriter writer;
    private final TensorForm form;

    JsonTensorWriter(JsonWriter writer, TensorForm form) {
        this.writer = writer;
        this.form = form;
    }

    void write(Tensor tensor) throws IOException {
        if (form == TensorForm.BARE) {
            nested(tensor);
            return;
        }
        if (form == TensorForm.ELEMENTS) {
            elements(tensor);
            return;
        }
        writer.plain("{\"shape\":");
        writer.plain(tensor.shape().toString().replace(" ", ""));
        writer.plain(",\"datatype\":\"");
        writer.plain(tensor.dataType().name());
        writer.plain(form == TensorForm.BASE64 ? "\",\"base64\":\"" : "\",\"data\":");
        switch (form) {
            case BASE64 -> base64(tensor);
            case NESTED -> nested(tensor);
            case FLAT, BARE, ELEMENTS -> elements(tensor);
        }
        writer.mark('}');
    }

    private void elements(Tensor tensor) throws IOException {
        writer.mark('[');
        numbers(tensor, 0, tensor.shape().elements());
        writer.mark(']');
    }

    private void nested(Tensor tensor) throws IOException {
        Shape shape = tensor.shape();
        if (shape.rank() == 0) {
            writer.mark('[');
            numbers(tensor, 0, 1);
            writer.mark(']');
        } else {
            nested(tensor, 0, 0, shape.elements());
        }
    }

    /// Writes the elements `[from, to)` as one array of dimension `axis`.
    private void nested(Tensor tensor, int axis, int from, int to) throws IOException {
        Shape shape = tensor.shape();
        writer.mark('[');
        if (axis == shape.rank() - 1) {
            numbers(tensor, from, to);
        } else {
            int parts = shape.dimension(axis);
            for (int part = 0; part < parts; part++) {
                int length = (to - from) / parts;
                if (part > 0) {
                    writer.mark(',');
                }
                nested(tensor, axis + 1, from + part * length, from + (part + 1) * length);
            }
        }
        writer.mark(']');
    }

    private void numbers(Tensor tensor, int from, int to) throws IOException {
        switch (tensor) {
            case Tensor.Doubles doubles -> writer.numbers(doubles.values(), from, to);
            case Tensor.Floats floats when floats.dataType() == DataType.FP32 ->
                    writer.numbers(floats.values(), from, to);
            case Tensor.Floats halves -> {
                float[] rounded = new float[to - from];
                for (int i = from; i < to; i++) {
                    rounded[i - from] = halves.dataType().narrow(halves.values()[i]);
                }
                writer.numbers(rounded, 0, rounded.length);
            }
        }
    }

    private void base64(Tensor tensor) throws IOException {
        int width = tensor.dataType().bytes();
        int elements = tensor.shape().elements();
        for (int from = 0; from < elements; from += BinaryElements.CHUNK / width) {
            int to = Math.min(elements, from + BinaryElements.CHUNK / width);
            byte[] chunk = new byte[(to - from) * width];
            BinaryElements.encode(tensor, from, to, chunk);
            writer.raw(Base64.getEncoder().encode(chunk));
        }
        writer.mark('"');
    }
}
