package batchnorm.codec.npy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyHeaderTest {
    private static NpyHeader read(byte[] bytes) throws IOException {
        return NpyHeader.read(new BinaryBody(new ByteArrayInputStream(bytes), "x", 20_000), "x");
    }

    private static byte[] bytes(int version, String text) {
        ByteBuffer bytes =
                ByteBuffer.allocate((version == 1 ? 10 : 12) + text.length())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put("\u0093NUMPY".getBytes(ISO_8859_1))
                        .put((byte) version)
                        .put((byte) 0);
        if (version == 1) {
            bytes.putShort((short) text.length());
        } else {
            bytes.putInt(text.length());
        }
        return bytes.put(text.getBytes(ISO_8859_1)).array();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }; [2, 3]",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}; [2, 3]",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3,)}; [2, 3]",
                "{'shape':(2,),'descr':'<f4','fortran_order':False}; [2]",
                "{\"descr\":\"<f4\",\"fortran_order\":False,\"shape\":()}; []",
                "\t{ 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 0 , 9 , ) , } \t; [0, 9]",
                "{'descr':'<f4','fortran_order':False,'shape':(0,2147483639)}; [0, 2147483639]",
                "{'descr':'<f4','fortran_order':False,'shape':(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}; [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
            })
    void isTheLiteralOfADictionary(String text, String shape) throws IOException {
        for (int version = 1; version <= 3; version++) {
            NpyHeader header = read(bytes(version, text + "\n"));
            assertThat(header.descr()).isEqualTo("<f4");
            assertThat(header.fortranOrder()).isFalse();
            assertThat(header.shape()).hasToString(shape);
            assertThat(read(bytes(version, text.replace("False", "True"))).fortranOrder()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "{; expected a string in quotes",
                "{'descr'; expected ':'",
                "{'descr':; expected a string in quotes",
                "{'descr':[('a','<f4')]}; structured arrays are not accepted",
                "{'fortran_order':; expected True or False",
                "{'fortran_order':false}; expected True or False",
                "{'fortran_order':True; expected '}'",
                "{'shape':(; expected a dimension",
                "{'shape':(1; expected ',' after the only dimension",
                "{'shape':(1,2; expected ')'",
                "{'shape':(:,)}; expected a dimension",
                "{'shape':(/,)}; expected a dimension",
                "{'shape':(00,)}; expected a dimension",
                "{'shape':(2147483640,)}; a dimension is above 2147483639",
                "{'shape':(99999999999999999999,)}; a dimension is above 2147483639",
                "{'shape':(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}; more than 32 dimensions",
                "{'descr':'<f4','shape':()}; expected the keys descr, fortran_order and shape",
                "{'fortran_order':True,'shape':()}; expected the keys descr, fortran_order and shape",
                "{'descr':'<f4','fortran_order':True}; expected the keys descr, fortran_order and shape",
                "{'fortran_order':True,'fortran_order':True}; the key fortran_order is given twice",
                "{'shape':(),'shape':()}; the key shape is given twice",
                "{'Descr':'<f4'}; unknown key \"Descr\"",
            })
    void isRefusedOtherwise(String text, String reason) {
        assertThatThrownBy(() -> read(bytes(1, text)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(", in the .npy header: " + reason);
    }

    @Test
    void isOfAVersionThatThereIs() {
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (), }";
        for (int version : new int[] {0, 4, 255}) {
            assertThatThrownBy(() -> read(bytes(version, text)))
                    .isInstanceOf(MalformedTensor.class)
                    .hasMessage("x, byte 7: expected .npy version 1.0, 2.0 or 3.0");
        }
        byte[] minor = bytes(1, text);
        minor[7] = 1;
        assertThatThrownBy(() -> read(minor)).isInstanceOf(MalformedTensor.class);
    }

    @Test
    void hasABound() throws IOException {
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (), }";
        String most = text + " ".repeat(10_000 - text.length());
        for (int version = 1; version <= 3; version++) {
            int known = version;
            assertThat(read(bytes(version, most)).descr()).isEqualTo("<f4");
            assertThatThrownBy(() -> read(bytes(known, most + " ")))
                    .isInstanceOf(MalformedTensor.class)
                    .hasMessageContaining("the header is longer than 10000 bytes");
        }
        byte[] endless = bytes(2, text);
        endless[11] = (byte) 0x80; // a large length, not a negative one
        assertThatThrownBy(() -> read(endless)).hasMessageContaining("longer than 10000 bytes");
        byte[] long16 = bytes(1, text);
        long16[9] = (byte) 0x80;
        assertThatThrownBy(() -> read(long16)).hasMessageContaining("longer than 10000 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "7", "0, 3", "123456, 2", "1, 2, 3, 4, 5, 6, 7, 8, 9", "2147483639"})
    void isWrittenInBlocksOf64Bytes(String dimensions) throws IOException {
        int[] shape =
                dimensions.isEmpty()
                        ? new int[0]
                        : Arrays.stream(dimensions.split(", "))
                                .mapToInt(Integer::parseInt)
                                .toArray();
        for (boolean fortranOrder : new boolean[] {false, true}) {
            NpyHeader header = new NpyHeader(">f8", fortranOrder, Shape.of(shape));
            byte[] bytes = header.toBytes();
            assertThat(bytes.length % 64).isZero();
            assertThat(bytes[bytes.length - 1]).isEqualTo((byte) '\n');
            String text = new String(bytes, 10, bytes.length - 10, ISO_8859_1);
            // NumPy pads the header so that the first dimension can grow to 21 digits.
            int growth = shape.length == 0 ? 0 : 21 - String.valueOf(shape[0]).length();
            assertThat(text.strip().length() + growth + 11)
                    .isBetween(bytes.length - 63, bytes.length);
            assertThat(text.strip()).endsWith("), }");
            assertThat(read(bytes).fortranOrder()).isEqualTo(fortranOrder);
            assertThat(read(bytes).shape()).isEqualTo(Shape.of(shape));
        }
    }
}
