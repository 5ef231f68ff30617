package batchnorm.web.problem;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The problems that an operation documents in addition to those of its kind ([Endpoint]).
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Fails {
    ProblemGroup[] like() default {};

    ProblemType[] with() default {};
}
