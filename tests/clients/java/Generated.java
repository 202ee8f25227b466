package javax.annotation;

/** Stands for that of jakarta.annotation-api, so that the test needs no Maven. The code that is generated has it on every class. */
public @interface Generated {
    String[] value();

    String comments() default "";

    String date() default "";
}
