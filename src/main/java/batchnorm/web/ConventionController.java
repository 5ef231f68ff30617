package batchnorm.web;

import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// What each framework does when nobody says otherwise.
@RestController
final class ConventionController {

    @GetMapping("/api/v1/conventions")
    @Performs(Operation.LIST_CONVENTIONS)
    void list(Exchange exchange) throws IOException {
        exchange.answer(LayerMessages.conventions());
    }
}
