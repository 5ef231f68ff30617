package batchnorm.web.api;

import batchnorm.collective.Accumulation;
import io.swagger.v3.oas.annotations.media.Schema;

/// An open accumulation.
@Schema(name = "Accumulation")
public record AccumulationAnswer(String accumulationId, String layer) implements ApiAnswer {

    public static AccumulationAnswer of(Accumulation accumulation) {
        return new AccumulationAnswer(accumulation.id(), accumulation.layer().value());
    }
}
