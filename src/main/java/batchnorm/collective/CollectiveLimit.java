package batchnorm.collective;

/// No more groups or accumulations may be open.
public final class CollectiveLimit extends RuntimeException {
    private static final long serialVersionUID = 1;

    CollectiveLimit(String what, int limit) {
        super(
                "there are "
                        + limit
                        + " "
                        + what
                        + " open already; finish or abandon one, or wait until an unused one expires");
    }
}
