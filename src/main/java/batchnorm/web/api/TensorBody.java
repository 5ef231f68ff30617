package batchnorm.web.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks requests and responses with binary representations beside JSON: npy, npz, safetensors and
/// raw bytes. The array of a bare-array body is the first component of type tensor.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface TensorBody {
    /// Returns whether the response to a bare array defaults to a bare array.
    boolean bareArray() default true;
}
