package batchnorm.web;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/// What a browser finds first.
@Controller
final class Home {

    @GetMapping("/")
    String home() {
        return "redirect:/swagger-ui.html";
    }
}
