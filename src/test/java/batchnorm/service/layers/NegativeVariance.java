package batchnorm.service.layers;

import batchnorm.codec.Message;
import batchnorm.codec.safetensors.SafetensorsCodec;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// Layers of two channels, the second with a running variance of -1, which only a file can contain.
public final class NegativeVariance {
    private NegativeVariance() {}

    public static void create(Client client, String name) throws IOException {
        importing(client, name);
    }

    /// Returns the service's report on the file.
    public static Answer importing(Client client, String name) throws IOException {
        Message state =
                new Message()
                        .with("weight", vector(1, 1))
                        .with("bias", vector(0, 0))
                        .with("running_mean", vector(0, 0))
                        .with("running_var", vector(1, -1));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        new SafetensorsCodec().encode(state, file);
        return client.send(
                        "POST",
                        "/layers/import?framework=pytorch&name=" + name,
                        file.toByteArray(),
                        "Content-Type",
                        "application/vnd.safetensors")
                .expect(200);
    }

    private static Tensor vector(double... values) {
        return Tensor.of(Shape.of(values.length), values);
    }
}
