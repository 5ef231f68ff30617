package batchnorm.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvalidFieldTest {
    private static final Signature SIGNATURE =
            Signature.of(
                    Signature.tensor("input"),
                    Signature.bool("save_context"),
                    Signature.text("id"));

    @ParameterizedTest
    @CsvSource({
        "Input, input",
        "inputs, input",
        "imput, input",
        "nput, input",
        "xinputx, input",
        "inpxx, input",
        "saveContext, save_context",
        "save-context, save_context",
        "savecontxt, save_context",
        "ix, id"
    })
    void guessWhatWasMeant(String name, String meant) {
        assertThat(InvalidField.unknown(name, "", SIGNATURE))
                .hasMessage(
                        "unknown field \"%s\" (did you mean \"%s\"?); allowed are input,"
                                + " save_context, id",
                        name, meant);
    }

    @ParameterizedTest
    @CsvSource({"output", "inxxx", "xxinputx", "xx", "saveconte", "x"})
    void guessNothingFarFetched(String name) {
        assertThat(InvalidField.unknown(name, "in.", SIGNATURE))
                .hasMessage("unknown field \"in.%s\"; allowed are input, save_context, id", name)
                .satisfies(refused -> assertThat(refused.field()).isEqualTo("in." + name));
    }
}
