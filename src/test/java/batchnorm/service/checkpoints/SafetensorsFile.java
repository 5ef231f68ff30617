package batchnorm.service.checkpoints;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/// Builds a safetensors file with arbitrary names, types and shapes.
public final class SafetensorsFile {
    private final StringBuilder header = new StringBuilder("{");
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    public SafetensorsFile with(String name, String dtype, String shape, String hexadecimal) {
        int begin = data.size();
        data.writeBytes(HexFormat.of().parseHex(hexadecimal));
        header.append(header.length() > 1 ? "," : "")
                .append(
                        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                                .formatted(name, dtype, shape, begin, data.size()));
        return this;
    }

    /// Adds an FP32 vector.
    public SafetensorsFile with(String name, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return with(
                name, "F32", "[" + values.length + "]", HexFormat.of().formatHex(bytes.array()));
    }

    /// Adds vectors of two channels: 1 and 2 under the first name, 2 and 3 under the next.
    public SafetensorsFile withVectors(String... names) {
        for (int i = 0; i < names.length; i++) {
            with(names[i], i + 1, i + 2);
        }
        return this;
    }

    /// Adds a layer with the names of PyTorch.
    public SafetensorsFile withLayer(String path) {
        return withVectors(
                path + ".weight", path + ".bias", path + ".running_mean", path + ".running_var");
    }

    public byte[] bytes() {
        byte[] json = (header + "}").getBytes(UTF_8);
        byte[] numbers = data.toByteArray();
        return ByteBuffer.allocate(8 + json.length + numbers.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(numbers)
                .array();
    }
}
