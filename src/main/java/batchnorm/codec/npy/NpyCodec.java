package batchnorm.codec.npy;

import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.OptionalLong;

/// One tensor as an .npy file (NumPy Enhancement Proposal 1): versions 1 to 3, binary floats of 2,
/// 4 or 8 bytes of either byte order, C or Fortran order. Writes like NumPy itself: version 1.0,
/// little-endian, C order.
///
/// The format has no BF16. Such a tensor is rounded to BF16 and written as `<f4`, without further
/// loss.
public record NpyCodec() implements Codec {

    @Override
    public Message decode(InputStream body, Signature signature, Limits limits) throws IOException {
        String field = signature.firstTensor();
        try (BinaryBody source = new BinaryBody(body, field, Long.MAX_VALUE)) {
            Tensor tensor = NpyArray.read(source, field, limits).toTensor(source);
            source.requireEnd();
            return new Message().with(field, tensor);
        }
    }

    @Override
    public void encode(Message message, OutputStream body) throws IOException {
        NpyArray.write(message.firstTensor(), body);
    }

    @Override
    public OptionalLong length(Message message) {
        return OptionalLong.of(NpyArray.length(message.firstTensor()));
    }
}
