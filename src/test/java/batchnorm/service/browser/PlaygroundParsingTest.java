package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests the parsing of pasted data: arrays, or a message with the position of the error.
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class PlaygroundParsingTest {
    private final Client client;
    private final Browser browser;

    PlaygroundParsingTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @BeforeEach
    void atSomePageOfTheService() {
        if (!Boolean.TRUE.equals(
                browser.script(
                        "return location.protocol === 'http:' && location.pathname === '/' && !location.hash"))) {
            browser.open(client, "/");
        }
    }

    private Object parsed(String bytes) {
        return browser.promised(
                """
                const { parseBytes } = await import('/playground/parse.js');
                const array = parseBytes(Uint8Array.from(atob(arguments[0]), byte => byte.charCodeAt(0)));
                return `${array.shape.join('×')} ${array.datatype} ${[...array.data].join(' ')}`
                    + (array.names ? ` (${array.names.join(', ')})` : '');
                """,
                bytes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    1,2⏎3,4⏎                                  | 2×2 FP64 1 2 3 4
                    a;b⏎1;-2e3⏎                               | 1×2 FP64 1 -2000 (a, b)
                    1 2 3⏎4 5 6                               | 2×3 FP64 1 2 3 4 5 6
                    1,NaN⏎nan,4                               | 2×2 FP64 1 NaN NaN 4
                    [[1, 2], [3, 4]]                          | 2×2 FP64 1 2 3 4
                    [[[1], ["Infinity"]]]                     | 1×2×1 FP64 1 Infinity
                    [1, 2, 3]                                 | 3×1 FP64 1 2 3
                    {"shape": [1, 2], "datatype": "FP32", "data": [1, 0.5]} | 1×2 FP32 1 0.5
                    1,2⏎3                                     | error: Line 2 has 1 columns; the first row has 2.
                    1,2⏎3,x                                   | error: Line 2, column 2: “x” is not a number.
                    1,2⏎⏎3,4                                  | 2×2 FP64 1 2 3 4
                    ,b⏎1,2                                    | 1×2 FP64 1 2 (, b)
                    1,,3⏎4,5,6                                | error: Line 1, column 2 is empty; write NaN where a number is missing. A first line that names the columns holds no number.
                    4,5,6⏎1,,3                                | error: Line 2, column 2 is empty; write NaN where a number is missing.
                    1,x⏎3,4                                   | error: Line 1, column 2: “x” is not a number. A first line that names the columns holds no number.
                    a,b,species⏎1,2,x⏎3,4,y                   | error: Column 3 (“species”) holds words, such as “x”, not numbers.
                    i,1,x⏎j,3,y                               | error: Column 1 and Column 3 hold words, such as “i”, not numbers.
                    a,b⏎x,y                                   | error: Line 2, column 1: “x” is not a number.
                    a,b                                       | error: There is a header, but no row of numbers below it.
                    [[1, 2], [3]]                             | error: At [1] there are 1 values; elsewhere there are 2.
                    [[1, null]]                               | error: At [0][1] there is no number but null.
                    {"shape": [3], "data": [1]}               | error: The shape is 3, but there are 1 numbers.
                    """)
    void readsTextOrSaysWhereItIsWrong(String text, String result) {
        String bytes =
                Base64.getEncoder()
                        .encodeToString(
                                text.replace("⏎", "\n")
                                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(parsed(bytes)).isEqualTo(result);
    }

    /// The arrays of `NpyCodecTest`, written by NumPy.
    @Test
    void readsFilesOfNumPyAsTheServiceDoes() throws IOException {
        for (String name :
                new String[] {
                    "f8",
                    "f8-big-endian",
                    "f8-fortran",
                    "f4",
                    "f4-big-endian",
                    "f4-fortran",
                    "f2",
                    "f2-big-endian"
                }) {
            byte[] file = Files.readAllBytes(Path.of("src/test/resources/npy/" + name + ".npy"));
            Answer echoed =
                    client.send(
                            "POST",
                            client.layer("\"track_running_stats\": true, \"epsilon\": 0")
                                    + "/forward-infer",
                            file,
                            "Content-Type",
                            "application/x-npy",
                            "Accept",
                            "application/json");
            String expected = echoed.expect(200).body();
            assertThat(expected).isNotEmpty();
            String read = parsed(Base64.getEncoder().encodeToString(file)).toString();
            double[] numbers = echoed.numbers("output");
            String[] words = read.split(" ");
            assertThat(words).as("%s: %s", name, read).hasSize(2 + numbers.length);
            for (int i = 0; i < numbers.length; i++) {
                assertThat(Double.parseDouble(words[i + 2]))
                        .as("%s[%d]", name, i)
                        .isEqualTo(numbers[i]);
            }
        }
    }

    @Test
    void saysThatTextIsNotAnArrayOfNumbers() throws IOException {
        byte[] file = Files.readAllBytes(Path.of("src/test/resources/npy/text.npy"));
        assertThat(parsed(Base64.getEncoder().encodeToString(file)).toString())
                .startsWith("error: ");
    }
}
