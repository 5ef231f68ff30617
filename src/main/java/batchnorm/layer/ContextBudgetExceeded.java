package batchnorm.layer;

import java.time.Duration;

/// Thrown when a context exceeds the budget beside the unused ones, which stay until they expire.
public final class ContextBudgetExceeded extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Duration untilRoom;

    /// @param untilRoom the time until enough of the oldest unused contexts expire
    public ContextBudgetExceeded(long needed, long held, long budget, Duration untilRoom) {
        super(
                "this pass would keep "
                        + needed
                        + " bytes for its backward, but unused contexts hold "
                        + held
                        + " of "
                        + budget
                        + " bytes; send \"save_context\": false if no backward follows, or run the pending backward"
                        + " passes");
        this.untilRoom = untilRoom;
    }

    public Duration untilRoom() {
        return untilRoom;
    }
}
