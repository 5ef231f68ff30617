package batchnorm.collective;

/// A number that no group or accumulation can have.
public final class InvalidCollective extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    InvalidCollective(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
