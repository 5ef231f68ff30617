package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.codec.json.JsonCodec;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/// Writes JSON regardless of `Accept`, the only representation of the protocol.
final class JsonAnswer {
    static final String MEDIA_TYPE = "application/json";

    private JsonAnswer() {}

    static void send(Message message, HttpServletResponse response) throws IOException {
        response.setContentType(MEDIA_TYPE);
        new JsonCodec().encode(message, response.getOutputStream());
    }

    static void send(Iterable<Message> messages, HttpServletResponse response) throws IOException {
        response.setContentType(MEDIA_TYPE);
        new JsonCodec().encode(messages, response.getOutputStream());
    }
}
