package batchnorm.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Says which [Operation] a controller method is.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Performs {
    Operation value();
}
