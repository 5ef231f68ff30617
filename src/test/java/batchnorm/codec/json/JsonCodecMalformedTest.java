package batchnorm.codec.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Trickle;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every kind of malformed body, with the offset that the message must name.
class JsonCodecMalformedTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 16);

    /// Bodies are quoted with '|' and use ' for the quotes of JSON.
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            delimiter = ';',
            ignoreLeadingAndTrailingWhitespace = true,
            textBlock =
                    """
                    ||                                    ;  0 ; empty
                    |  |                                  ;  2 ; empty
                    |[]|                                  ;  0 ; must be a JSON object
                    |1|                                   ;  0 ; must be a JSON object
                    |{|                                   ;  1 ; field name
                    |{'|                                  ;  2 ; quote
                    |{'text'|                             ;  7 ; ':'
                    |{'text':|                            ;  8 ; the body ends
                    |{'text':'a'|                         ; 11 ; the body ends
                    |{'text':'a',}|                       ; 12 ; field name
                    |{'text':'a'}}|                       ; 12 ; end of the body
                    |{'text':'a'} x|                      ; 13 ; end of the body
                    |{'text' 'a'}|                        ;  8 ; ':'
                    |{text:'a'}|                          ;  1 ; field name
                    |{'number':01}|                       ; 11 ; leading zeros
                    |{'number':-01}|                      ; 12 ; leading zeros
                    |{'number':1.}|                       ; 12 ; after the decimal point
                    |{'number':.5}|                       ; 10 ; expected a value
                    |{'number':+1}|                       ; 10 ; expected a value
                    |{'number':--1}|                      ; 11 ; digit
                    |{'number':-}|                        ; 11 ; digit
                    |{'number':1e}|                       ; 12 ; exponent
                    |{'number':1e+}|                      ; 13 ; exponent
                    |{'number':1.e5}|                     ; 12 ; after the decimal point
                    |{'number':1.5.5}|                    ; 13 ; ','
                    |{'number':0x10}|                     ; 11 ; ','
                    |{'number':1_000}|                    ; 11 ; ','
                    |{'number':1f}|                       ; 11 ; ','
                    |{'number':NaN}|                      ; 10 ; written as strings
                    |{'number':Infinity}|                 ; 10 ; written as strings
                    |{'number':-Infinity}|                ; 11 ; written as strings
                    |{'vector':[1,]}|                     ; 13 ; expected a value
                    |{'vector':[,1]}|                     ; 11 ; expected a value
                    |{'vector':[1 2]}|                    ; 13 ; ','
                    |{'vector':[1}|                       ; 12 ; ','
                    |{'vector':[01]}|                     ; 12 ; leading zeros
                    |{'vector':[1,NaN]}|                  ; 13 ; written as strings
                    |{'input':[1,-]}|                     ; 13 ; digit
                    |{'input':[[1],[2]|                   ; 17 ; the body ends
                    |{'input':{'data':[1.0,2.|            ; 24 ; after the decimal point
                    |{'flag':tru}|                        ;  8 ; "tru" is no value
                    |{'flag':trueish}|                    ;  8 ; "trueish" is no value
                    |{'flag':nul}|                        ;  8 ; "nul" is no value
                    |{'text':'a\\x'}|                     ; 11 ; backslash
                    |{'text':'\\u12g4'}|                  ; 13 ; hexadecimal
                    |{'text':'\\ud800'}|                  ; 15 ; surrogate
                    |{'text':'\\ud800\\u0041'}|           ; 21 ; surrogate
                    |{'text':'\\udc00'}|                  ; 15 ; surrogate
                    |{'input':[[[[[[[[[[[[[[[[[1|         ; 24 ; nests deeper than 16
                    """)
    void refusesWhatIsNotJson(String body, long offset, String reason) {
        byte[] bytes =
                (body == null ? "" : body).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        for (int step = 1; step < 40; step += 3) {
            Trickle trickle = new Trickle(bytes, step);
            assertThatThrownBy(() -> new JsonCodec().decode(trickle, Fields.ALL, LIMITS))
                    .isInstanceOfSatisfying(
                            MalformedJson.class,
                            refusal -> {
                                assertThat(refusal.offset())
                                        .as(refusal.getMessage())
                                        .isEqualTo(offset);
                                assertThat(refusal).hasMessageContaining(reason);
                            });
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            delimiter = ';',
            textBlock =
                    """
                    |{'inputs':[1]}|                       ; inputs      ; did you mean "input"
                    |{'zzz':1}|                            ; zzz         ; allowed are input
                    |{'flag':true,'flag':true}|            ; flag        ; given twice
                    |{'fl\\u0061g':true,'flag':true}|      ; flag        ; given twice
                    |{'flag':'yes'}|                       ; flag        ; true or false, but was a string
                    |{'flag':1}|                           ; flag        ; true or false, but was a number
                    |{'text':1}|                           ; text        ; a string, but was a number
                    |{'number':'1.5'}|                     ; number      ; a number, but was the string "1.5"
                    |{'number':true}|                      ; number      ; a number, but was true
                    |{'number':1e400}|                     ; number      ; range
                    |{'integer':1.5}|                      ; integer     ; an integer, but was written with
                    |{'integer':1e-3}|                     ; integer     ; an integer, but was written with
                    |{'integer':9223372036854775808}|      ; integer     ; beyond 64 bits
                    |{'integer':'1'}|                      ; integer     ; an integer, but was a string
                    |{'vector':1}|                         ; vector      ; an array of numbers, but was a number
                    |{'vector':{}}|                        ; vector      ; an array of numbers, but was an object
                    |{'input':1}|                          ; input       ; must be a tensor
                    |{'input':'x'}|                        ; input       ; must be a tensor
                    |{'object':[]}|                        ; object      ; an object, but was an array
                    |{'object':{'a':1}}|                   ; object.a    ; unknown field
                    |{'object':{'flag':1}}|                ; object.flag ; true or false
                    |{'list':{}}|                          ; list        ; an array of objects
                    |{'list':[{},1]}|                      ; list[1]     ; an object, but was a number
                    |{'list':[{},{'flag':0}]}|             ; list[1].flag; true or false
                    |{'input':{'shapes':[1]}}|             ; input.shapes; did you mean "shape"
                    |{'input':{'shape':[1],'shape':[1]}}|  ; input.shape ; given twice
                    """)
    void refusesFieldsThatAreNotExpected(String body, String field, String reason) {
        assertThatThrownBy(() -> decode(body))
                .isInstanceOfSatisfying(
                        InvalidField.class,
                        refusal -> {
                            assertThat(refusal.field()).isEqualTo(field);
                            assertThat(refusal).hasMessageContaining(reason);
                        });
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            delimiter = ';',
            textBlock =
                    """
                    |[[1,2],[3]]|                                  ; input[1]        ; 1 elements where 2
                    |[[1],[2,3]]|                                  ; input[1]        ; 2 elements where 1 are expected; nested arrays of one depth
                    |[[1],2]|                                      ; input[1]        ; a number where an array
                    |[1,[2]]|                                      ; input[1]        ; an array where a number
                    |[[[1]],[2]]|                                  ; input[1][0]     ; a number where an array
                    |[[1],[[2]]]|                                  ; input[1][0]     ; an array where a number
                    |[[],[1]]|                                     ; input[1]        ; 1 elements where 0
                    |[[1],[]]|                                     ; input[1]        ; 0 elements where 1
                    |[[1],null]|                                   ; input[1]        ; null where an array
                    |[[1,2],[3,null]]|                             ; input[1][1]     ; null where a number
                    |[[1,2],[3,{}]]|                               ; input[1][1]     ; an object where a number
                    |[true]|                                       ; input[0]        ; true where a number
                    |['1.5']|                                      ; input[0]        ; the string "1.5"
                    |['nan']|                                      ; input[0]        ; the string "nan"
                    |[1,1e400]|                                    ; input[1]        ; range of FP64
                    |[[1],[-1e400]]|                               ; input[1][0]     ; range of FP64
                    |{'shape':[1],'datatype':'FP32','data':[1e39]}|; input.data[0]   ; range of FP32
                    |{'shape':[1],'data':[1e39],'datatype':'FP32'}|; input.data[0]   ; range of FP32
                    |{'data':[[1,2],[3,-1e39]],'datatype':'FP32'}| ; input.data[1][1]; range of FP32
                    |{'datatype':'FP16','shape':[1],'data':[65520]}|;input.data[0]   ; range of FP16
                    |{'datatype':'BF16','shape':[1],'data':[3.4e38]}|;input.data[0]  ; range of BF16
                    |{'shape':[2],'data':[1,2,3]}|                 ; input.data      ; has 3 elements, but shape [2] takes 2
                    |{'data':[1],'shape':[2]}|                     ; input.data      ; has 1 elements, but shape [2] takes 2
                    |{'shape':[2,2],'data':[[1,2,3],[4]]}|         ; input.data[0]   ; 3 elements where 2
                    |{'shape':[2,1],'data':[[1,2]]}|               ; input.data[0]   ; 2 elements where 1
                    |{'shape':[2,1],'data':[[1]]}|                 ; input.data      ; 1 elements where 2
                    |{'shape':[2],'data':[[1],[2]]}|               ; input.data[0]   ; an array where a number
                    |{'data':[[1,2]],'shape':[2,1]}|               ; input.data      ; nests as [1, 2], but the shape is [2, 1]
                    |{'data':[1,2]}|                               ; input.shape     ; needs a "shape"
                    |{'base64':'AAAA'}|                            ; input.shape     ; needs a "shape"
                    |{'shape':[1],'base64':'AAAA'}|                ; input.base64    ; holds 3 bytes, but shape [1] of FP64 takes 8
                    |{'shape':[1],'base64':'A*AA'}|                ; input.base64    ; not base64
                    |{'shape':[1],'base64':'AAA=AAAA'}|            ; input.base64    ; not base64
                    |{'shape':[1],'base64':'AA\\nA'}|              ; input.base64    ; not base64
                    |{'shape':[1],'base64':[1]}|                   ; input.base64    ; a string, but was an array
                    |{'shape':[1],'data':[1],'base64':'AAAA'}|     ; input           ; both "data" and "base64"
                    |{'shape':[1],'base64':'AAAA','data':[1]}|     ; input           ; both "data" and "base64"
                    |{'shape':[1]}|                                ; input           ; neither "data" nor "base64"
                    |{}|                                           ; input           ; neither "data" nor "base64"
                    |{'data':1}|                                   ; input.data      ; an array of numbers, but was a number
                    |{'shape':3,'data':[]}|                        ; input.shape     ; an array of integers, but was a number
                    |{'shape':[-1]}|                               ; input.shape[0]  ; negative
                    |{'shape':[-0]}|                               ; input.shape[0]  ; negative
                    |{'shape':[1,1.5]}|                            ; input.shape[1]  ; fractional
                    |{'shape':[1e-3]}|                             ; input.shape[0]  ; fractional
                    |{'shape':['1']}|                              ; input.shape[0]  ; a string
                    |{'shape':[99999999999999999999]}|             ; input.shape[0]  ; larger
                    |{'shape':[2147483648]}|                       ; input.shape[0]  ; 2147483648
                    |{'shape':[65536,65536]}|                      ; input.shape     ; product
                    |{'shape':[0,65536,65536]}|                    ; input.shape     ; product
                    |{'shape':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}|;input.shape;32 dimensions
                    |{'datatype':'FP8'}|                           ; input.datatype  ; [FP64, FP32, FP16, BF16], but was "FP8"
                    |{'datatype':32}|                              ; input.datatype  ; but was a number
                    """)
    void refusesWhatIsNoTensor(String tensor, String field, String reason) {
        assertThatThrownBy(() -> decode("{'input':" + tensor + "}"))
                .isInstanceOfSatisfying(
                        MalformedTensor.class,
                        refusal -> {
                            assertThat(refusal.field()).as(refusal.getMessage()).isEqualTo(field);
                            assertThat(refusal).hasMessageContaining(reason);
                        });
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            delimiter = ';',
            textBlock =
                    """
                    |{'input':{'shape':[1001]}}|
                    |{'input':{'shape':[0,1001]}}|
                    |{'input':{'shape':[1000000000]}}|
                    """)
    void refusesShapesBeyondTheLimitBeforeAnyData(String body) {
        assertThatThrownBy(() -> decode(body))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("at most 1000 elements");
    }

    @Test
    void refusesBase64BehindItsPadding() {
        String padded = "A".repeat((1 << 14) - 1) + "=";
        assertThatThrownBy(() -> decode("{'input':{'base64':'" + padded + "AAAA','shape':[1]}}"))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("more than 8000 bytes");
        Codec.Limits limits = new Codec.Limits(100_000, 16);
        byte[] bytes =
                ("{\"input\":{\"base64\":\"" + padded + "AAAA\",\"shape\":[1]}}")
                        .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() ->
                        new JsonCodec().decode(new ByteArrayInputStream(bytes), Fields.ALL, limits))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("characters after the padding");
    }

    @Test
    void refusesAnEndlessList() {
        String objects = "{},".repeat(1001) + "{}";
        assertThatThrownBy(() -> decode("{'list':[" + objects + "]}"))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("list has more than 1000 objects");
    }

    @Test
    void refusesAnEndlessString() {
        assertThatThrownBy(() -> decode("{'text':'" + "x".repeat(20_000) + "'}"))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("longer than 16384 bytes");
    }

    @Test
    void refusesTextThatIsNotUtf8() {
        byte[] bytes = "{\"text\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() ->
                        new JsonCodec().decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("byte 8: this string is not valid UTF-8");
    }

    @Test
    void refusesAByteOrderMark() {
        assertThatThrownBy(() -> decode("\ufeff{}"))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("byte order mark");
    }

    @Test
    void refusesAStrayByteBeforeANumber() {
        String body = "{\"vector\":[1.5,\u00ad2.5,3.5,4.5,5.5,6.5,7.5,8.5,9.5,10.5]}";
        byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() ->
                        new JsonCodec().decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("byte 15: expected a value, but found the byte 0xAD");
    }

    private static Message decode(String body) throws java.io.IOException {
        byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return new JsonCodec().decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS);
    }
}
