package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.codec.TensorForm;
import batchnorm.codec.binary.RawCodec;
import batchnorm.codec.json.JsonCodec;
import batchnorm.layer.LayerName;
import batchnorm.tensor.Tensor;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The response to an inference request: the requested outputs, as numbers in JSON or as bytes
/// after it.
final class InferenceAnswer {
    private static final int STREAMED_ELEMENTS = 4096;
    private static final int STREAM_BUFFER = 1 << 16;

    private final Message header;
    private final List<Message> outputs = new ArrayList<>();
    private final List<Tensor> binary = new ArrayList<>();
    private boolean isLong;

    private InferenceAnswer(Message header) {
        this.header = header;
    }

    static InferenceAnswer of(
            LayerName model, @Nullable String id, Inference inference, RequestedOutputs outputs) {
        Message header =
                new Message()
                        .in(TensorForm.ELEMENTS)
                        .with("model_name", model.value())
                        .with("model_version", Long.toString(inference.version()));
        if (id != null) {
            header.with("id", id);
        }
        if (!inference.parameters().values().isEmpty()) {
            header.with("parameters", inference.parameters());
        }
        InferenceAnswer response = new InferenceAnswer(header);
        outputs.binary()
                .forEach((name, asBytes) ->
                        response.add(name, inference.outputs().get(name), asBytes));
        header.with("outputs", response.outputs);
        return response;
    }

    /// @param tensor null if the layer lacks the output
    private void add(String name, @Nullable Tensor tensor, boolean asBytes) {
        if (tensor == null) {
            return;
        }
        Message output =
                new Message()
                        .with("name", name)
                        .with("datatype", tensor.dataType().name())
                        .with(
                                "shape",
                                Arrays.stream(tensor.shape().toArray())
                                        .asLongStream()
                                        .boxed()
                                        .toList());
        if (asBytes) {
            output.with("parameters", new Message().with("binary_data_size", (Long) bytes(tensor)));
            binary.add(tensor);
        } else {
            output.with("data", tensor);
            isLong |= tensor.shape().elements() > STREAMED_ELEMENTS;
        }
        outputs.add(output);
    }

    private static long bytes(Tensor tensor) {
        return (long) tensor.shape().elements() * tensor.dataType().bytes();
    }

    /// Returns the length of the JSON by encoding it twice, because buffering it would cost more.
    private long jsonLength() throws IOException {
        long[] length = new long[1];
        new JsonCodec()
                .encode(
                        header,
                        new OutputStream() {
                            @Override
                            public void write(int value) {
                                length[0]++;
                            }

                            @Override
                            public void write(byte[] source, int offset, int count) {
                                length[0] += count;
                            }
                        });
        return length[0];
    }

    void send(HttpServletResponse response) throws IOException {
        if (binary.isEmpty()) {
            if (isLong) {
                response.setBufferSize(STREAM_BUFFER);
            }
            JsonAnswer.send(header, response);
            return;
        }
        long json = jsonLength();
        response.setContentType("application/octet-stream");
        response.setHeader(InferenceReader.HEADER_LENGTH, Long.toString(json));
        response.setContentLengthLong(
                json + binary.stream().mapToLong(InferenceAnswer::bytes).sum());
        OutputStream body = response.getOutputStream();
        new JsonCodec().encode(header, body);
        for (Tensor tensor : binary) {
            new RawCodec(tensor.shape(), tensor.dataType())
                    .encode(new Message().with(ModelMessages.OUTPUT, tensor), body);
        }
    }
}
