package batchnorm.web.controller;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/// The home page: the playground, a static client of the API.
@Controller
final class Home {

    @GetMapping("/")
    String home() {
        return "forward:/index.html";
    }
}
