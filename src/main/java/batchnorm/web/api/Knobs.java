package batchnorm.web.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks [Unwrapped] knobs of a request with those that it takes.
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Knobs {
    Set value();

    /// A set of knobs.
    enum Set {
        /// All that a layer is created with.
        CREATABLE,
        /// All that a layer may change later.
        PATCHABLE,
        /// Those that no checkpoint holds, with the convention.
        IMPORTABLE
    }
}
