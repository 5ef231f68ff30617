package batchnorm.web;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.InvalidField;
import batchnorm.layer.LayerName;
import batchnorm.web.binding.EntityTags;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.springframework.mock.web.MockHttpServletRequest;

/// Any header or path is accepted, or rejected with a message that does not repeat it.
@Tag("fuzz")
class HeaderFuzzTest {
    private static final String TAG = "a-1";

    @FuzzTest(maxDuration = "10m")
    void entityTags(byte[] value) {
        String text = new String(value, StandardCharsets.ISO_8859_1);
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.addHeader("If-Match", text);
        try {
            Set<String> tags = EntityTags.precondition(request).tags();
            assertThat(tags.isEmpty()).isEqualTo(text.strip().equals("*"));
            assertThat(tags).allMatch(tag -> text.contains('"' + TAG + '"') || !tag.equals(TAG));
        } catch (InvalidField refused) {
            assertThat(refused.getMessage()).startsWith("If-").hasSizeLessThan(200);
        }
    }

    @FuzzTest(maxDuration = "10m")
    void layerNames(byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8);
        try {
            String name = new LayerName(text).value();
            assertThat(name).isEqualTo(text).hasSizeBetween(1, 128);
            assertThat(name.chars())
                    .allMatch(c -> c > ' ' && c < 127 && "/\\%\"'<>".indexOf(c) < 0);
        } catch (LayerName.InvalidName refused) {
            assertThat(refused.getMessage()).contains(LayerName.PATTERN);
        }
    }
}
