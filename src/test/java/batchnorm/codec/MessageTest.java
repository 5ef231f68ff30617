package batchnorm.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static final Tensor TENSOR = Tensor.of(Shape.of(1), 1.0);

    @Test
    void givesWhatItWasGiven() {
        Message nested = new Message();
        Message message =
                new Message()
                        .with("text", "a")
                        .with("tensor", TENSOR)
                        .with("vector", new double[] {1})
                        .with("number", 1.5)
                        .with("integer", 7L)
                        .with("bool", true)
                        .with("nested", nested)
                        .with("list", List.of(nested))
                        .with("null", (String) null);
        assertThat(message.text("text")).isEqualTo("a");
        assertThat(message.requireText("text")).isEqualTo("a");
        assertThat(message.tensor("tensor")).isSameAs(TENSOR);
        assertThat(message.requireTensor("tensor")).isSameAs(TENSOR);
        assertThat(message.firstTensor()).isSameAs(TENSOR);
        assertThat(message.vector("vector")).containsExactly(1);
        assertThat(message.number("number")).isEqualTo(1.5);
        assertThat(message.integer("integer")).isEqualTo(7);
        assertThat(message.bool("bool")).isTrue();
        assertThat(message.bool("bool", false)).isTrue();
        assertThat(message.bool("null", false)).isFalse();
        assertThat(message.bool("absent", true)).isTrue();
        assertThat(message.object("nested")).isSameAs(nested);
        assertThat(message.list("list")).containsExactly(nested);
        assertThat(message.list("absent")).isEmpty();
        assertThat(message.has("null")).isTrue();
        assertThat(message.has("absent")).isFalse();
        assertThat(message.in(TensorForm.BARE).form()).isEqualTo(TensorForm.BARE);
    }

    @Test
    void saysWhatItMisses() {
        assertThatThrownBy(() -> new Message().requireText("id"))
                .isInstanceOf(InvalidField.class)
                .hasMessage("\"id\" is required");
        assertThatThrownBy(() -> new Message().requireTensor("input"))
                .isInstanceOf(InvalidField.class);
        assertThatThrownBy(() -> new Message().with("text", "a").firstTensor())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("[text]");
    }

    @Test
    void isHeldToASignature() {
        Signature signature =
                Signature.named("Request", Signature.text("mode"), Signature.tensor("input"));
        assertThat(signature.name()).isEqualTo("Request");
        assertThat(signature.names()).isEqualTo("mode, input");
        assertThat(signature.firstTensor()).isEqualTo("input");
        assertThat(signature.field("input")).isPresent();
        assertThat(signature.field("output")).isEmpty();
        Signature more = signature.and("Longer", Signature.bool("save_context").needed());
        assertThat(more.names()).isEqualTo("mode, input, save_context");
        assertThat(more.field("save_context").orElseThrow().required()).isTrue();
        assertThat(more.field("mode").orElseThrow().required()).isFalse();
        Signature.Field choice = Signature.text("mode").oneOf(List.of("train", "infer")).orNull();
        assertThat(choice.choices()).containsExactly("train", "infer");
        assertThat(choice.nullable()).isTrue();
        assertThatThrownBy(() -> Signature.of(Signature.text("mode")).firstTensor())
                .isInstanceOf(IllegalStateException.class);
    }
}
