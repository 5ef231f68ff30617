package batchnorm.codec.binary;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.util.OptionalLong;

/// The elements of one tensor, little-endian and row-major. Shape and datatype are passed outside
/// the body. A response is the message's first tensor, in its own datatype.
///
/// @param shape of the tensor to decode
/// @param dataType of the tensor to decode
public record RawCodec(Shape shape, DataType dataType) implements Codec {

    @Override
    public Message decode(InputStream body, Signature signature, Limits limits) throws IOException {
        String field = signature.firstTensor();
        limits.require(shape, field);
        long bytes = (long) shape.elements() * dataType.bytes();
        try (BinaryBody source = new BinaryBody(body, field, bytes)) {
            Tensor tensor =
                    BinaryElements.read(
                            source, shape, dataType, ByteOrder.LITTLE_ENDIAN, limits.memory());
            if (!source.atEnd()) {
                throw new MalformedTensor(
                        field,
                        "%s is longer than the %d bytes that shape %s of %s takes"
                                .formatted(field, bytes, shape, dataType));
            }
            return new Message().with(field, tensor);
        }
    }

    @Override
    public void encode(Message message, OutputStream body) throws IOException {
        BinaryElements.write(message.firstTensor(), body);
    }

    @Override
    public OptionalLong length(Message message) {
        Tensor tensor = message.firstTensor();
        return OptionalLong.of((long) tensor.shape().elements() * tensor.dataType().bytes());
    }
}
