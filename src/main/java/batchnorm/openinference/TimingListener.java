package batchnorm.openinference;

/// Who wants to know where the time of an inference request went.
@FunctionalInterface
public interface TimingListener {
    /// A request was answered just now; all in nanoseconds.
    ///
    /// @param operation by the name that the parameter `operation` gives it
    /// @param commit what the store took; 0 where nothing was changed
    void answered(String operation, long decode, long compute, long commit, long encode);
}
