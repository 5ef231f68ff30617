package batchnorm.web.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks requests that are a JSON merge patch (RFC 7396). Null is rejected, except in a [Change].
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface MergePatch {}
