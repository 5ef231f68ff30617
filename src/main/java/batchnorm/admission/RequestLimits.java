package batchnorm.admission;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.convert.DataSizeUnit;
import org.springframework.util.unit.DataUnit;
import org.springframework.validation.annotation.Validated;

/// The limits of one request, and of all requests together.
///
/// @param maxBodyBytes of a request's body
/// @param maxElements of one tensor; less where the heap is small
/// @param maxDepth how deep JSON may nest
/// @param maxInFlightBytes of all in-flight requests: bodies, arrays, results and vectors of
///   layers; 0 stands for three eighths of the heap
/// @param maxComputing requests that decode, compute and encode at the same time; 0 stands for one
///   for each processor
/// @param maxWaiting requests that may wait for memory, and as many for a processor; one more is
///   rejected
/// @param admissionTimeout how long a request waits for admission
/// @param bodyGrace how long the headers of a request may take, and then any body
/// @param minBodyRate bytes that must arrive in every second after the grace
/// @param drainTime how long the rest of a rejected body is read and discarded, so that the client
///   receives the response
/// @param silenceTimeout between two bytes of a request, or of a response that is not read
/// @param maxConnectionsOfClient that one client address may keep open between requests; 0 stands
///   for three quarters of all
/// @param bodyTimeout how long the largest body may take after the grace, and the largest response;
///   a rate in proportion to the size follows
@Validated
@ConfigurationProperties("batchnorm.limits")
public record RequestLimits(
        @Min(1024) @DataSizeUnit(DataUnit.BYTES) long maxBodyBytes,
        @Min(1) @Max(1 << 28) int maxElements,
        @Min(4) @Max(1000) int maxDepth,
        @PositiveOrZero @DataSizeUnit(DataUnit.BYTES) long maxInFlightBytes,
        @PositiveOrZero int maxComputing,
        @PositiveOrZero int maxWaiting,
        @NotNull @DurationMin Duration admissionTimeout,
        @NotNull @DurationMin(millis = 1) Duration bodyGrace,
        @Min(1) int minBodyRate,
        @NotNull @DurationMin Duration drainTime,
        @NotNull @DurationMin(millis = 1) Duration silenceTimeout,
        @PositiveOrZero int maxConnectionsOfClient,
        @NotNull @DurationMin(millis = 1) Duration bodyTimeout) {
    private static final int HEAP_BYTES_PER_ELEMENT = 32;

    /// An upper bound of the heap per connection with a started request: a buffer of the server and
    /// a stack.
    private static final int HEAP_BYTES_PER_CONNECTION = 192 << 10;

    /// Limits tensors to the heap: a tensor and its binary64 result take at most half of a small
    /// one.
    public RequestLimits {
        long fits = Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_ELEMENT;
        maxElements = (int) Math.min(maxElements, fits);
    }

    /// Returns the budget of all in-flight requests with its default resolved. Contexts take a
    /// quarter of the heap, and the rest of the program an eighth of a small one.
    long inFlightBudget() {
        return maxInFlightBytes > 0 ? maxInFlightBytes : Runtime.getRuntime().maxMemory() / 8 * 3;
    }

    /// Returns the requests that compute at the same time, with the default resolved: one for each
    /// processor, because a waiting request holds no permit. With more, running requests would
    /// starve new ones.
    int computing() {
        return maxComputing > 0 ? maxComputing : Runtime.getRuntime().availableProcessors();
    }

    /// Returns the number of connections whose requests fit into two thirds of the heap, even if
    /// all of them start and none ends.
    public static int connections() {
        return (int)
                Math.min(
                        Integer.MAX_VALUE,
                        Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_CONNECTION);
    }

    /// Returns the limit of one client's connections with its default resolved.
    ///
    /// @param all connections that may be open
    public int connectionsOfClient(int all) {
        return maxConnectionsOfClient > 0 ? maxConnectionsOfClient : Math.max(1, all - all / 4);
    }

    /// Returns the most bytes of an unread body that are discarded. Twice the body limit, so that a
    /// slightly larger body still receives its 413.
    long drainBytes() {
        return maxBodyBytes > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : 2 * maxBodyBytes;
    }

    /// Returns the nanoseconds within which so many bytes of an unread body must be discarded.
    long drainNanos(long bytes) {
        return Math.min(drainTime.toNanos(), bodyNanos(bytes, -1));
    }

    /// Returns the nanoseconds within which so many bytes of a body must arrive.
    ///
    /// @param announced bytes of the whole body; negative if unknown
    long bodyNanos(long bytes, long announced) {
        return bodyGrace.toNanos() + transferNanos(bytes, bodyRate(announced));
    }

    /// Returns the nanoseconds within which a client must read so many bytes of a response.
    ///
    /// @param held bytes that the request holds meanwhile
    long responseNanos(long bytes, long held) {
        return bodyGrace.toNanos() + TimeUnit.SECONDS.toNanos(bytes) / bodyRate(held);
    }

    /// Returns the bytes per second that transfer so many bytes within the time-out, or the minimum
    /// rate.
    long bodyRate(long bytes) {
        double seconds = (double) bodyTimeout.toNanos() / TimeUnit.SECONDS.toNanos(1);
        return Math.max(minBodyRate, (long) ((double) bytes / seconds));
    }

    private long transferNanos(long bytes, long rate) {
        return Math.min(bodyTimeout.toNanos(), TimeUnit.SECONDS.toNanos(bytes) / rate);
    }
}
