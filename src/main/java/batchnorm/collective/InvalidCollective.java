package batchnorm.collective;

/// Thrown for an invalid number of a group or accumulation.
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
