package batchnorm.layer;

/// No room for another context while those that are promised stay.
public final class ContextBudgetExceeded extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ContextBudgetExceeded(long needed, long held, long budget) {
        super(
                "this pass would keep "
                        + needed
                        + " bytes for its backward, but contexts nobody has used yet hold "
                        + held
                        + " of "
                        + budget
                        + " bytes; send \"save_context\": false if no backward follows, or run the backward passes that"
                        + " wait");
    }
}
