package batchnorm.codec;

/// A signature with a field of every kind.
public final class Fields {
    public static final Signature ALL =
            Signature.of(
                    Signature.tensor("input"),
                    Signature.tensor("grad_output"),
                    Signature.vector("vector"),
                    Signature.number("number"),
                    Signature.number("optional").orNull(),
                    Signature.integer("integer"),
                    Signature.bool("flag"),
                    Signature.text("text"),
                    Signature.object("object", Signature.of(Signature.bool("flag"))),
                    Signature.list("list", Signature.of(Signature.bool("flag"))));

    private Fields() {}
}
