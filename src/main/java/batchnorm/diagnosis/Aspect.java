package batchnorm.diagnosis;

/// The parts of an implementation that are diagnosed separately.
public enum Aspect {
    FORWARD("forward pass"),
    RUNNING_UPDATE("running update"),
    BACKWARD("backward pass");

    private final String title;

    Aspect(String title) {
        this.title = title;
    }

    /// Returns the name in a sentence.
    String title() {
        return title;
    }
}
