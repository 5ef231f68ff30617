package batchnorm.web.binding;

import batchnorm.codec.Message;
import batchnorm.web.api.ApiAnswer;

/// The fields of a response as a message, for writers without HTTP.
public final class AnswerMessage {
    private AnswerMessage() {}

    public static Message of(ApiAnswer answer) {
        return RecordBinding.of(answer.getClass()).write(answer);
    }
}
