package batchnorm.codec.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Arrays given by their type in NumPy's letters and their bytes in hexadecimal.
class NpyArrayTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 16);

    /// An array whose header was read, and the body positioned at its elements.
    private record Source(NpyArray array, BinaryBody body) {
        static Source of(NpyHeader header, String hexadecimal) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(header.toBytes());
            bytes.write(HexFormat.of().parseHex(hexadecimal));
            BinaryBody body =
                    new BinaryBody(new ByteArrayInputStream(bytes.toByteArray()), "x", 1000);
            return new Source(NpyArray.read(body, "x", LIMITS), body);
        }

        static Source scalar(String descr, String hexadecimal) throws IOException {
            return of(new NpyHeader(descr, false, Shape.of()), hexadecimal);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "|i1, 80, -128",
        "|u1, 80, 128",
        "<i2, feff, -2",
        ">i2, fffe, -2",
        "<u2, feff, 65534",
        "<i4, feffffff, -2",
        "<u4, feffffff, 4294967294",
        ">u4, 00000102, 258",
        "<i8, feffffffffffffff, -2",
        "<u8, ffffffffffffff7f, 9223372036854775807",
        "=i8, 0700000000000000, 7",
        "i8, 0700000000000000, 7",
        ">i8, 0000000000000007, 7",
    })
    void isAnIntegerOfAnyWidth(String descr, String bytes, long value) throws IOException {
        Source integer = Source.scalar(descr, bytes);
        assertThat(integer.array().toInteger(integer.body())).isEqualTo(value);
        assertThat(integer.body().atEnd()).isTrue();
        Source stored = Source.scalar(descr, bytes);
        assertThat(stored.array().toStored(stored.body())).isEqualTo(value);
        Source number = Source.scalar(descr, bytes);
        assertThat(number.array().toNumber(number.body())).isEqualTo((double) value);
        Source text = Source.scalar(descr, bytes);
        assertThatThrownBy(() -> text.array().toText(text.body()))
                .hasMessage("x has type %s, but must be text, of at most 4096 characters", descr);
    }

    @Test
    void isNoIntegerBeyond63Bits() throws IOException {
        Source source = Source.scalar("<u8", "0000000000000080");
        assertThatThrownBy(() -> source.array().toInteger(source.body()))
                .isInstanceOf(MalformedTensor.class)
                .hasMessage("x is beyond 63 bits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<f8", "|b1", "<i3", "<i16", "<U1", "|V1"})
    void isNoIntegerByItsType(String descr) throws IOException {
        Source source = Source.scalar(descr, "01".repeat(16));
        assertThatThrownBy(() -> source.array().toInteger(source.body()))
                .isInstanceOf(MalformedTensor.class)
                .hasMessage("x has type %s, but must be an integer", descr);
    }

    @ParameterizedTest
    @CsvSource({"<f2, 003e", "<f4, 0000c03f", "<f8, 000000000000f83f", ">f4, 3fc00000"})
    void isANumberOfAnyWidth(String descr, String bytes) throws IOException {
        Source number = Source.scalar(descr, bytes);
        assertThat(number.array().toNumber(number.body())).isEqualTo(1.5);
        Source stored = Source.scalar(descr, bytes);
        assertThat(stored.array().toStored(stored.body()))
                .isInstanceOfSatisfying(
                        Tensor.class, tensor -> assertThat(tensor.at(0)).isEqualTo(1.5));
    }

    @Test
    void isATruthValue() throws IOException {
        for (String bytes : new String[] {"00", "01", "02"}) {
            Source source = Source.scalar("|b1", bytes);
            assertThat(source.array().toBool(source.body())).isEqualTo(!bytes.equals("00"));
        }
        for (String descr : new String[] {"|i1", "|b2"}) {
            Source other = Source.scalar(descr, "0101");
            assertThatThrownBy(() -> other.array().toBool(other.body()))
                    .isInstanceOf(MalformedTensor.class)
                    .hasMessage("x has type %s, but must be a boolean", descr);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "<U2, 6100000000000000, a",
        ">U2, 0000006100000062, ab",
        "<U1, 00f60100, \uD83D\uDE00",
        "<U3, 610000000000000062000000, a\u0000b",
    })
    void isText(String descr, String bytes, String text) throws IOException {
        Source source = Source.scalar(descr, bytes);
        assertThat(source.array().toText(source.body())).isEqualTo(text);
    }

    @Test
    void isTextOfManyCharactersButNotOfMore() throws IOException {
        Source most = Source.scalar("<U4096", "61000000".repeat(4096));
        assertThat(most.array().toText(most.body())).isEqualTo("a".repeat(4096));
        Source more = Source.scalar("<U4097", "");
        assertThatThrownBy(() -> more.array().toText(more.body()))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("at most 4096 characters");
        Source wrong = Source.scalar("<U1", "00001100");
        assertThatThrownBy(() -> wrong.array().toText(wrong.body()))
                .isInstanceOf(MalformedTensor.class)
                .hasMessage("x is not valid UTF-32");
    }

    @Test
    void isNoScalarWithADimension() throws IOException {
        NpyHeader integers = new NpyHeader("<i8", false, Shape.of(1));
        Source source = Source.of(integers, "0100000000000000");
        String message = "x has shape [1], but must be a scalar of shape ()";
        assertThatThrownBy(() -> source.array().toInteger(source.body())).hasMessage(message);
        assertThatThrownBy(() -> source.array().toNumber(source.body())).hasMessage(message);
        Source number = Source.of(new NpyHeader("<f8", false, Shape.of(1)), "00".repeat(8));
        assertThatThrownBy(() -> number.array().toNumber(number.body())).hasMessage(message);
        assertThatThrownBy(() -> source.array().toBool(source.body())).hasMessage(message);
        assertThatThrownBy(() -> source.array().toText(source.body())).hasMessage(message);
    }

    @Test
    void isAVectorWithOneDimensionOnly() throws IOException {
        Source vector = Source.of(new NpyHeader("<f4", false, Shape.of(2)), "0000c03f000000c0");
        assertThat(vector.array().toVector(vector.body())).containsExactly(1.5, -2);
        Source matrix = Source.of(new NpyHeader("<f4", false, Shape.of(2, 1)), "");
        assertThatThrownBy(() -> matrix.array().toVector(matrix.body()))
                .isInstanceOf(MalformedTensor.class)
                .hasMessage("x has shape [2, 1], but must have one dimension");
    }

    @ParameterizedTest
    @CsvSource({
        "false, 000100010101, 0000003c0000003c003c003c",
        "true,  000101010001, 0000003c003c003c0000003c",
    })
    void isAMaskOfBooleansOrNumbersInEitherOrder(boolean fortranOrder, String bytes, String halves)
            throws IOException {
        Source booleans = Source.of(new NpyHeader("|b1", fortranOrder, Shape.of(2, 3)), bytes);
        assertMask(booleans.array().toMask(booleans.body()));
        assertThat(booleans.array().bytes()).isEqualTo(6);
        Source numbers = Source.of(new NpyHeader("<f2", fortranOrder, Shape.of(2, 3)), halves);
        assertMask(numbers.array().toMask(numbers.body()));
        assertThat(numbers.array().bytes()).isEqualTo(12);
    }

    private static void assertMask(Tensor mask) {
        assertThat(mask.shape()).isEqualTo(Shape.of(2, 3));
        assertThat(mask.toDoubles()).containsExactly(0, 1, 0, 1, 1, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "f4x, unknown type \"f4x\"",
        "<<f4, unknown type",
        "4, unknown type",
        "<f12345678, unknown type",
        "'', unknown type",
        "|O, object array (pickle)",
        "O, object array (pickle)",
    })
    void isRefusedByItsType(String descr, String reason) {
        assertThatThrownBy(() -> Source.scalar(descr, ""))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<f3", "<f16", "<i4", "|V8", "x"})
    void isNoTensorByItsType(String descr) throws IOException {
        Source source = Source.of(new NpyHeader(descr, false, Shape.of(1)), "");
        assertThatThrownBy(() -> source.array().toTensor(source.body()))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("x has type " + descr + ", but must be binary floats");
    }

    @Test
    void isAsLongAsItTells() throws IOException {
        for (DataType dataType : DataType.values()) {
            Tensor tensor =
                    dataType == DataType.FP64
                            ? Tensor.of(Shape.of(3), 1.0, 2.0, 3.0)
                            : Tensor.of(Shape.of(3), dataType, new float[] {1, 2, 3});
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            NpyArray.write(tensor, body);
            assertThat(NpyArray.length(tensor)).isEqualTo(body.size());
        }
        assertThatThrownBy(() -> NpyArray.write('c', new ByteArrayOutputStream()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Character");
    }
}
