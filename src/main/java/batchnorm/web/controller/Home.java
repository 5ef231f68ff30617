package batchnorm.web.controller;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/// What a browser finds first: the playground, a page of static files that is a client of the API
/// like any other.
@Controller
final class Home {

    @GetMapping("/")
    String home() {
        return "forward:/index.html";
    }
}
