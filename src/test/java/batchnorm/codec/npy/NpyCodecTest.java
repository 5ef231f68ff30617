package batchnorm.codec.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Trickle;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The fixtures were written by NumPy 2.4: `numpy.arange(24).reshape(2, 3, 4) - 5.5` unless the
/// name says otherwise.
class NpyCodecTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 16);
    private static final NpyCodec CODEC = new NpyCodec();

    @ParameterizedTest
    @CsvSource({
        "f8, FP64",
        "f8-big-endian, FP64",
        "f8-fortran, FP64",
        "f4, FP32",
        "f4-big-endian, FP32",
        "f4-fortran, FP32",
        "f4-version-2, FP32",
        "f4-version-3, FP32",
        "f2, FP16",
        "f2-big-endian, FP16",
    })
    void readsWhatNumpyWrites(String fixture, DataType dataType) throws IOException {
        byte[] bytes = fixture("npy/" + fixture + ".npy");
        for (int step = 1; step < 400; step += 3) {
            Tensor tensor =
                    CODEC.decode(new Trickle(bytes, step), Fields.ALL, LIMITS)
                            .requireTensor("input");
            assertThat(tensor.shape()).isEqualTo(Shape.of(2, 3, 4));
            assertThat(tensor.dataType()).isEqualTo(dataType);
            for (int i = 0; i < 24; i++) {
                assertThat(tensor.at(i)).isEqualTo(i - 5.5);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"f8", "f4", "f2", "empty", "scalar", "vector"})
    void writesWhatNumpyWrites(String fixture) throws IOException {
        byte[] bytes = fixture("npy/" + fixture + ".npy");
        assertThat(encode(decode(bytes))).isEqualTo(bytes);
    }

    @Test
    void writesBf16AsTheFloatsItRoundsTo() throws IOException {
        Tensor tensor = Tensor.of(Shape.of(2), DataType.BF16, new float[] {1.001f, 257});
        Tensor read = decode(encode(new Message().with("output", tensor))).requireTensor("input");
        assertThat(read.dataType()).isEqualTo(DataType.FP32);
        assertThat(((Tensor.Floats) read).values()).containsExactly(1, 256);
    }

    @Test
    void turnsLargeFortranArraysIntoRowMajorOrder() throws IOException {
        int rows = 211;
        int columns = 307;
        double[] columnMajor = new double[rows * columns];
        for (int i = 0; i < columnMajor.length; i++) {
            columnMajor[i] = i;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(new NpyHeader("<f8", true, Shape.of(rows, columns)).toBytes());
        BinaryElements.write(Tensor.of(Shape.of(rows * columns), columnMajor), body);
        Codec.Limits limits = new Codec.Limits(100_000, 16);
        Tensor tensor =
                CODEC.decode(new ByteArrayInputStream(body.toByteArray()), Fields.ALL, limits)
                        .requireTensor("input");
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                assertThat(tensor.at(row * columns + column)).isEqualTo(column * rows + row);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "object; object array (pickle)",
                "int64; has type <i8, but must be binary floats",
                "complex; has type <c8, but must be binary floats",
                "structured; structured arrays are not accepted",
                "text; has type <U1, but must be binary floats"
            })
    void refusesOtherTypesByName(String fixture, String reason) throws IOException {
        byte[] bytes = fixture("npy/" + fixture + ".npy");
        assertThatThrownBy(() -> decode(bytes))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("input")
                .hasMessageContaining(reason);
    }

    /// NumPy 2.4 reads each of them. Python 2 appended the `L` to a long.
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 1L), }; FP32",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }; FP32",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2 L,), }; FP32",
                "{u'descr': u'<f4', U'fortran_order': False, 'shape': (2,)}; FP32",
                "{\"shape\": (2,), \"fortran_order\": False, \"descr\": \"<f4\"}; FP32",
                "{'shape':(2,),'fortran_order':False,'descr':'<f4'}; FP32",
                "{ 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 2 , 1 , ) , }; FP32",
                "{'descr':~~'<f4',%'fortran_order': False, 'shape': (2,#)}~~; FP32",
                "{'descr': '=f4', 'fortran_order': False, 'shape': (2,)}; FP32",
                "{'descr': '|f4', 'fortran_order': False, 'shape': (2,)}; FP32",
                "{'descr': 'f4', 'fortran_order': False, 'shape': (2,)}; FP32",
                "{'descr': 'f', 'fortran_order': False, 'shape': (2,)}; FP32",
                "{'descr': '<f', 'fortran_order': False, 'shape': (2,)}; FP32",
                "{'descr': 'float32', 'fortran_order': False, 'shape': (2,)}; FP32",
                "{'descr': 'single', 'fortran_order': False, 'shape': (2,)}; FP32",
                "{'descr': '=d', 'fortran_order': False, 'shape': (1,)}; FP64",
                "{'descr': 'float64', 'fortran_order': False, 'shape': (1,)}; FP64",
                "{'descr': 'double', 'fortran_order': False, 'shape': (1,)}; FP64",
                "{'descr': 'float', 'fortran_order': False, 'shape': (1,)}; FP64",
                "{'descr': '<e', 'fortran_order': False, 'shape': (4,)}; FP16",
                "{'descr': 'float16', 'fortran_order': False, 'shape': (4,)}; FP16",
                "{'descr': 'half', 'fortran_order': False, 'shape': (4,)}; FP16",
            })
    void readsTheSpellingsThatNumpyReads(String spelling, DataType dataType) throws IOException {
        String header = spelling.replace('~', '\n').replace('%', '\r').replace('#', '\f');
        Tensor tensor = decode(withHeader(header)).requireTensor("input");
        assertThat(tensor.dataType()).isEqualTo(dataType);
        assertThat(tensor.shape().elements()).isEqualTo(8 / dataType.bytes());
    }

    @Test
    void refusesABodyCutOffAnywhere() throws IOException {
        byte[] bytes = fixture("npy/f4.npy");
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> decode(cut))
                    .as("cut at %d", length)
                    .isInstanceOf(MalformedTensor.class);
        }
    }

    @Test
    void refusesBytesBehindTheArray() throws IOException {
        byte[] bytes = fixture("npy/f4.npy");
        assertThatThrownBy(() -> decode(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("byte 224")
                .hasMessageContaining("continues after its end");
    }

    /// The mark ^ shows the offset that the message must name.
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2^), }; expected ','",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (^-2,), }; expected a dimension",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (02^,), }; expected a dimension",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2^.,), }; expected ','",
                "{'descr': '<f4', 'fortran_order': False, 'shape': ^[2], }; expected '('",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999^,), }; above 2147483639",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536)^, }; product",
                "{'descr': '<f4', 'fortran_order': ^0, 'shape': (2,), }; expected True or False",
                "{'descr': '<f4', 'fortran_order': False, }^; expected the keys",
                "{'descr': '<f4', 'descr': '<f4'^, 'fortran_order': False}; given twice",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x':^ 1}; unknown key",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } ^x; nothing after",
                "{'descr': '<f4' ^'fortran_order': False}; expected '}'",
                "^__import__('os'); expected '{'",
                "{'descr': ^__import__('os')}; expected a string",
                "{'descr': ^'f4; expected a string",
                "{'descr': ^; expected a string",
            })
    void refusesHeadersThatAreNot(String header, String reason) {
        assertThatThrownBy(() -> decode(withHeader(header.replace("^", ""))))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("byte " + (10 + header.indexOf('^')) + ",")
                .hasMessageContaining(reason);
    }

    @Test
    void refusesShapesBeyondTheLimitBeforeAnyData() {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1001,), }";
        assertThatThrownBy(() -> decode(withHeader(header))).isInstanceOf(BodyTooLarge.class);
    }

    @Test
    void refusesWhatIsNoNpy() {
        assertThatThrownBy(() -> decode("{\"input\": [1, 2]}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("does not begin with \\x93NUMPY");
        assertThatThrownBy(() -> decode(new byte[0]))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("the body is empty");
    }

    private static byte[] withHeader(String header) {
        byte[] text = header.getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[10 + text.length + 8];
        System.arraycopy(
                new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0},
                0,
                bytes,
                0,
                10);
        System.arraycopy(text, 0, bytes, 10, text.length);
        return bytes;
    }

    private static Message decode(byte[] bytes) throws IOException {
        return CODEC.decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS);
    }

    private static byte[] encode(Message message) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        CODEC.encode(message, body);
        return body.toByteArray();
    }

    static byte[] fixture(String name) throws IOException {
        try (InputStream stream = NpyCodecTest.class.getResourceAsStream("/" + name)) {
            return Objects.requireNonNull(stream, name).readAllBytes();
        }
    }
}
