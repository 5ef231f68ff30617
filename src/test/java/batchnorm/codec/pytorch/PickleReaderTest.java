package batchnorm.codec.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.pytorch.Pickled.Tuple;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PickleReaderTest {

    /// Returns the bytes of a pickle. A character is an opcode or an argument; `\u0080` is 0x80.
    private static byte[] pickle(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Object read(byte[] pickle) throws IOException {
        return PickleReader.read(
                new BinaryBody(new ByteArrayInputStream(pickle), "the pickle", pickle.length),
                bytes -> {});
    }

    @Test
    void readsPlainData() throws IOException {
        assertThat(read(pickle("\u0080\u0002}(X\u0001\0\0\0aK\u0007X\u0001\0\0\0b](K\u0001Neu.")))
                .isEqualTo(Map.of("a", 7L, "b", List.of(1L, Pickled.None.NONE)));
        assertThat(read(pickle("J\u00ff\u00ff\u00ff\u00ff."))).isEqualTo(-1L);
        assertThat(read(pickle("\u008a\u0002\u0000\u0080."))).isEqualTo(-32768L);
        assertThat(read(pickle("\u008a\u0009\u0000\0\0\0\0\0\0\0\u0001.")))
                .isEqualTo("18446744073709551616");
        assertThat(read(pickle("G?\u00e0\0\0\0\0\0\0."))).isEqualTo(0.5);
        assertThat(((Tuple) read(pickle("K\u0001K\u0002\u0086."))).elements())
                .containsExactly(1L, 2L);
    }

    @Test
    void readsTheFramesAndMemoOfProtocol4() throws IOException {
        assertThat(
                        read(
                                pickle(
                                        "\u0080\u0004\u0095\u0010\0\0\0\0\0\0\0]\u0094(\u008c\u0001x\u0094h\u0001e.")))
                .isEqualTo(List.of("x", "x"));
    }

    @ParameterizedTest
    @CsvSource({
        "'.', fewer than 1",
        "'K', the body ends in the middle of the pickle",
        "'(.', fewer than 1",
        "'t.', no mark",
        "'(K\u0001q\u0000t', the body ends",
        "'h\u0005.', the memo has no object 5",
        "'K\u0001K\u0002a.', not a list",
        "'K\u0001K\u0002K\u0003s.', not a dict",
        "'}(K\u0001u.', without a value",
        "'}]K\u0001s.', the key of a dict",
        "'K\u0001)R.', not a function",
        "'K\u0001N\u0086Q.', persistent ID",
        "'K\u0001}b.', what has none",
        "'P0\n.', the opcode 0x50",
        "'\u008b\u00ff\u00ff\u00ff\u00ff.', a length is negative",
        "'\u008b\u00ff\u00ff\u00ff\u007f.', an integer has 2147483647 bytes",
        "'X\u00ff\u00ff\u00ff\u007fx', the body ends in the middle of a text",
        "'\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fx', the body ends in the middle of a text",
        "'cos\nsystem\n.', os.system",
        "'ctorch.hub\nload\n.', torch.hub.load",
        "'ctorch\n_import_dotted_name\n.', torch._import_dotted_name",
    })
    void rejectsWhatIsNoData(String text, String reason) {
        assertThatThrownBy(() -> read(pickle(text)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(reason);
    }

    @Test
    void anObjectMayContainItself() throws IOException {
        Object list = read(pickle("]q\u0000h\u0000a."));
        assertThat(((List<?>) list).getFirst()).isSameAs(list);
        Object dict = read(pickle("}q\u0000X\u0001\0\0\0ah\u0000s."));
        assertThat(TensorNames.of(dict, bytes -> {})).isEmpty();
    }

    /// Each list contains the one before ten times, so there are 10^20 paths.
    @Test
    void sharedObjectsAreNotExpandedWithoutBound() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.writeBytes(pickle("]q\u00000"));
        for (int depth = 0; depth < 20; depth++) {
            String list = "h" + (char) depth;
            bomb.writeBytes(pickle("](" + list.repeat(10) + "eq" + (char) (depth + 1) + "0"));
        }
        bomb.writeBytes(pickle("}X\u0001\0\0\0ah\u0014s."));
        Object root = read(bomb.toByteArray());
        assertThatThrownBy(() -> TensorNames.of(root, bytes -> {}))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("objects");
    }

    /// A tensor in many dicts repeats their keys.
    @Test
    void boundsAndCountsTheNamesOfTensors() {
        Map<String, Object> tooLong = Map.of("x".repeat(5000), List.of());
        assertThatThrownBy(() -> TensorNames.of(tooLong, bytes -> {}))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("more than 4096 characters");
        Pickled.Storage storage = new Pickled.Storage("0", StorageType.FLOAT, 1);
        Pickled.View view = new Pickled.View(storage, 0, new long[0], new long[0]);
        List<Long> reserved = new ArrayList<>();
        TensorNames.of(Map.of("a".repeat(1000), Map.of("b", view, "c", view)), reserved::add);
        assertThat(reserved).containsExactly(2132L, 2132L);
    }

    @Test
    void boundsAndCountsTheObjects() {
        byte[] many = pickle("(" + "N".repeat(1 << 21) + "t.");
        List<Long> reserved = new ArrayList<>();
        BinaryBody body = new BinaryBody(new ByteArrayInputStream(many), "the pickle", many.length);
        assertThatThrownBy(() -> PickleReader.read(body, reserved::add))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("more than 1048576 objects");
        assertThat(reserved.stream().mapToLong(Long::longValue).sum()).isEqualTo(64L << 20);
    }

    @ParameterizedTest
    @CsvSource({
        "8, 1, 1, not within",
        "0, 9, 1, not within",
        "8, 0, 1, ",
        "0, 4, 3, not within",
        "0, 2, 7, ",
        "1, 2, 7, not within",
    })
    void aViewStaysWithinItsStorage(int offset, int size, int stride, String reason)
            throws IOException {
        String storage =
                "(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0"
                        + "0X\u0003\0\0\0cpuK\u0008tQ";
        byte[] bytes =
                pickle(
                        "ctorch._utils\n_rebuild_tensor_v2\n("
                                + storage
                                + "K"
                                + (char) offset
                                + "K"
                                + (char) size
                                + "\u0085"
                                + "K"
                                + (char) stride
                                + "\u0085"
                                + "\u0089}tR.");
        if (reason == null) {
            assertThat(read(bytes)).isInstanceOf(Pickled.View.class);
        } else {
            assertThatThrownBy(() -> read(bytes))
                    .isInstanceOf(MalformedTensor.class)
                    .hasMessageContaining(reason);
        }
    }
}
