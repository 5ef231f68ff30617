package batchnorm.openinference;

/// Receives the durations of inference requests.
@FunctionalInterface
public interface TimingListener {
    /// Records a successful request. All durations are in nanoseconds.
    ///
    /// @param operation the value of the parameter `operation`
    /// @param commit 0 without a change
    void succeeded(String operation, long decode, long compute, long commit, long encode);
}
