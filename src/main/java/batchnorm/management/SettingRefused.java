package batchnorm.management;

/// Thrown at the start for a setting that cannot be used.
final class SettingRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String remedy;

    /// @param message the cause, in a sentence without a period
    /// @param remedy an action of the operator, in a sentence
    SettingRefused(String message, String remedy) {
        super(message);
        this.remedy = remedy;
    }

    String remedy() {
        return remedy;
    }
}
