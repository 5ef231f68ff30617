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

/// The answer to an inference request: the outputs that were asked for, in the form that was asked
/// for, as numbers in JSON or as bytes behind it.
final class InferenceAnswer {
    private static final int LONG_ELEMENTS = 4096;
    private static final int LONG_BUFFER = 1 << 16;

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
        InferenceAnswer answer = new InferenceAnswer(header);
        outputs.binary()
                .forEach((name, asBytes) ->
                        answer.add(name, inference.outputs().get(name), asBytes));
        header.with("outputs", answer.outputs);
        return answer;
    }

    /// @param tensor null when this layer has no such output
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
            isLong |= tensor.shape().elements() > LONG_ELEMENTS;
        }
        outputs.add(output);
    }

    private static long bytes(Tensor tensor) {
        return (long) tensor.shape().elements() * tensor.dataType().bytes();
    }

    /// The JSON is written twice, first to nowhere: that is cheaper than holding it, as it may have
    /// outputs among others that are binary.
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
                response.setBufferSize(LONG_BUFFER);
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
