package batchnorm.admission;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/// How much one request may ask, and all of them together.
///
/// @param maxBodyBytes of a request's body
/// @param maxElements of one tensor; less where the heap is small
/// @param maxDepth how deep JSON may nest
/// @param maxInFlightBytes that all requests in work hold together: bodies, arrays, results and
///   vectors of layers; 0 stands for three eighths of the heap
/// @param maxComputing requests that decode, compute and encode at the same time; 0 stands for two
///   for each processor
/// @param maxWaiting requests that may wait for memory, and as many for a processor; one more is
///   refused
/// @param admissionTimeout how long a request waits for its turn
/// @param bodyGrace how long the headers of a request may take, and then any body
/// @param minBodyRate bytes that must arrive in every second beyond
/// @param drainTime how long the rest of a refused body is read and discarded, so that the client
///   sees the response
/// @param silenceTimeout between two bytes of a request, or of a response that is not read
/// @param maxConnectionsOfClient that one client address may keep open between requests; 0 stands
///   for three quarters of all
/// @param bodyTimeout how long the largest body may take beyond, and the largest response; a rate
///   in proportion to the size follows
@Validated
@ConfigurationProperties("batchnorm.limits")
public record RequestLimits(
        @Min(1024) long maxBodyBytes,
        @Min(1) @Max(1 << 28) int maxElements,
        @Min(4) @Max(1000) int maxDepth,
        @PositiveOrZero long maxInFlightBytes,
        @PositiveOrZero int maxComputing,
        @PositiveOrZero int maxWaiting,
        @NotNull Duration admissionTimeout,
        @NotNull Duration bodyGrace,
        @Min(1) int minBodyRate,
        @NotNull Duration drainTime,
        @NotNull Duration silenceTimeout,
        @PositiveOrZero int maxConnectionsOfClient,
        @NotNull @DurationMin(millis = 1) Duration bodyTimeout) {
    private static final int HEAP_BYTES_PER_ELEMENT = 32;

    /// More than a connection takes whose request has begun, with a buffer of the server that it
    /// may hold and a stack.
    private static final int HEAP_BYTES_PER_CONNECTION = 192 << 10;

    /// One tensor never asks for more than a small heap has: with its answer in binary64, half.
    public RequestLimits {
        long fits = Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_ELEMENT;
        maxElements = (int) Math.min(maxElements, fits);
    }

    /// The budget of all requests in work with its default resolved. Contexts take a quarter of the
    /// heap, and the rest of the program an eighth of a small one.
    long inFlightBudget() {
        return maxInFlightBytes > 0 ? maxInFlightBytes : Runtime.getRuntime().maxMemory() / 8 * 3;
    }

    /// Requests that compute at once, with the default resolved: as many as there are processors,
    /// since nobody counts who waits for anything else. With more, those that go on one after the
    /// other would leave no processor for who comes from outside.
    int computing() {
        return maxComputing > 0 ? maxComputing : Runtime.getRuntime().availableProcessors();
    }

    /// Connections whose requests fit two thirds of the heap, should all of them begin and none
    /// end.
    public static int connections() {
        return (int)
                Math.min(
                        Integer.MAX_VALUE,
                        Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_CONNECTION);
    }

    /// The bound of one client's connections with its default resolved.
    ///
    /// @param all connections that may be open
    public int connectionsOfClient(int all) {
        return maxConnectionsOfClient > 0 ? maxConnectionsOfClient : Math.max(1, all - all / 4);
    }

    /// Bytes of an unread body that are discarded at most. Twice the limit, so that a body that is
    /// a little too large still gets its 413.
    long drainBytes() {
        return maxBodyBytes > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : 2 * maxBodyBytes;
    }

    /// How long it may take until so many bytes of an unread body have been discarded.
    long drainNanos(long bytes) {
        return Math.min(drainTime.toNanos(), bodyNanos(bytes, -1));
    }

    /// How long the service waits for so many bytes of a body.
    ///
    /// @param announced bytes of the whole; negative where that is not known
    long bodyNanos(long bytes, long announced) {
        return bodyGrace.toNanos() + transferNanos(bytes, bodyRate(announced));
    }

    /// How long the service waits for a client to read so many bytes of a response.
    ///
    /// @param held bytes that the request holds meanwhile
    long responseNanos(long bytes, long held) {
        return bodyGrace.toNanos() + TimeUnit.SECONDS.toNanos(bytes) / bodyRate(held);
    }

    /// Bytes a second at which so many are transferred within the time-out, or the least rate.
    long bodyRate(long bytes) {
        double seconds = (double) bodyTimeout.toNanos() / TimeUnit.SECONDS.toNanos(1);
        return Math.max(minBodyRate, (long) ((double) bytes / seconds));
    }

    private long transferNanos(long bytes, long rate) {
        return Math.min(bodyTimeout.toNanos(), TimeUnit.SECONDS.toNanos(bytes) / rate);
    }
}
