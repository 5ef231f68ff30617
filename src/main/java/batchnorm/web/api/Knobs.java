package batchnorm.web.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Selects the [Unwrapped] knobs that a request accepts.
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Knobs {
    Set value();

    enum Set {
        /// All knobs of a new layer.
        CREATABLE,
        /// The knobs that a layer may change later.
        PATCHABLE,
        /// The knobs that no checkpoint holds, and the convention.
        IMPORTABLE
    }
}
