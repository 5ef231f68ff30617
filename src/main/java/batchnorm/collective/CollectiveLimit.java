package batchnorm.collective;

/// Thrown when the maximum number of groups or accumulations is open.
public final class CollectiveLimit extends RuntimeException {
    private static final long serialVersionUID = 1;

    CollectiveLimit(String what, int limit) {
        super(
                "already "
                        + limit
                        + " "
                        + what
                        + " are open; finish or abandon one, or wait until an unused one expires");
    }
}
