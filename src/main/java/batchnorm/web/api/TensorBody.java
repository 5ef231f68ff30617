package batchnorm.web.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks requests and answers that have binary representations beside JSON: npy, npz, safetensors
/// and raw bytes. In a body of one bare array, the array is the first component of type tensor.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface TensorBody {
    /// Whether an answer to a request of one bare array is one bare array, unless the client
    /// accepts another media type.
    boolean bareArray() default true;
}
