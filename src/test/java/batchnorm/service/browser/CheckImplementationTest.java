package batchnorm.service.browser;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests the view that diagnoses an implementation.
@Tag("browser")
@ExtendWith({ServiceUnderTest.Shared.class, BrowserSession.class})
class CheckImplementationTest {
    /// Returns the formulas that leave their column or overlap the next one.
    private static final String OUTSIDE =
            """
            return [...document.querySelectorAll('[data-aspect] math')]
                .filter(math => math.getBoundingClientRect().right
                    > math.closest('[data-formula]').getBoundingClientRect().right + 1
                    || math.getBoundingClientRect().right > innerWidth)
                .map(math => math.textContent);
            """;

    private final Client client;
    private final Browser browser;

    CheckImplementationTest(Client client, Browser browser) {
        this.client = client;
        this.browser = browser;
    }

    @ParameterizedTest
    @CsvSource({
        "book, variance-only-decayed",
        "book-cache, other-forward",
        "book-2d, right",
        "plain-python, right",
        "tensorflow-1, batch-statistics"
    })
    void diagnosesTheTeachingTextOfALink(String example, String diagnosis) {
        browser.open(client, "/#/check?example=" + example)
                .waitFor("h1", "Check my implementation");
        browser.waitFor("[data-result]", diagnosis);
        assertThat(browser.text("pre.code")).isNotBlank();
        assertThat(browser.script("return document.querySelectorAll('[data-result] math').length"))
                .isNotEqualTo(0L);
    }

    @ParameterizedTest
    @ValueSource(ints = {1440, 390})
    void keepsFormulasInTheirCards(int width) {
        browser.emulate(width, 900, "light");
        try {
            for (String example : List.of("book", "book-cache", "tensorflow-1")) {
                browser.open(client, "/#/check?example=" + example).waitFor("h3", ":");
                assertThat(browser.script(OUTSIDE)).as(example).isEqualTo(List.of());
            }
        } finally {
            browser.emulateNothing();
        }
    }

    @Test
    void diagnosesPastedNumbersAndPointsAtTheWorst() {
        browser.open(client, "/#/check").waitFor("h1", "Check my implementation");
        browser.fill("input", "1,2\n3,4\n5,6");
        browser.fill("output", "-1,-1\n0,0\n1,1");
        browser.press("#main", "Check");
        browser.waitFor("[data-result]", "unbiased-variance");
        assertThat(browser.text("[data-verdict]")).contains("The forward pass has a mistake");
        assertThat(browser.text("[data-result]")).contains("It shows most at output[0][0]");

        browser.fill("output", "[[1, 2], [3]]");
        browser.press("#main", "Check");
        browser.waitFor(".problem", "elsewhere there are 2");
    }
}
