package batchnorm.access;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/// Writes one line for each created, replaced or deleted layer, each backup, and each rejected
/// credential. The line holds the name of a key, never the key.
public final class AuditLog {
    /// The name of the logger.
    public static final String NAME = "batchnorm.audit";

    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    /// Bounds the log under a flood of rejected credentials. The next line has the number of
    /// omitted ones.
    private static final int REJECTIONS_PER_MINUTE = 60;

    private static final long MINUTE = 60_000_000_000L;
    private static final int MAX_LENGTH = 128;
    private static final Pattern UNSAFE = Pattern.compile("[^\\x21-\\x7e]");

    /// The reason of credentials that no key or issuer confirms.
    static final String INVALID = "invalid";

    private final RejectionSummary summary = new RejectionSummary(Duration.ofMinutes(1));
    private final LongSupplier nanoTime;
    private long minuteStart;
    private int rejections;
    private long omitted;

    public AuditLog() {
        this(System::nanoTime);
    }

    AuditLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.minuteStart = nanoTime.getAsLong();
    }

    /// Records an event of the current request.
    ///
    /// @param subject the layer or snapshot
    public void record(AuditEvent event, String subject) {
        if (RequestContextHolder.currentRequestAttributes()
                instanceof ServletRequestAttributes current) {
            HttpServletRequest request = current.getRequest();
            line(request, event.word(), Caller.of(request))
                    .addKeyValue("subject", sanitized(subject))
                    .log(
                            "{} {} by {}, request {}",
                            event.word(),
                            sanitized(subject),
                            sanitized(Caller.of(request)),
                            RequestId.of(request));
        }
    }

    /// Records a rejected credential.
    ///
    /// @param caller the name of the key, or a placeholder
    void rejected(HttpServletRequest request, String caller, String reason) {
        if (reason.equals(INVALID)) {
            summary.rejected();
        }
        long left = admit();
        if (left >= 0) {
            line(request, "reject", caller)
                    .addKeyValue("reason", reason)
                    .addKeyValue("omitted", left)
                    .log(
                            "reject credentials of {}: {}, request {}, {} more since the last line",
                            sanitized(caller),
                            reason,
                            RequestId.of(request),
                            left);
        }
    }

    private static LoggingEventBuilder line(
            HttpServletRequest request, String event, String caller) {
        return LOG.atInfo()
                .addKeyValue("event", event)
                .addKeyValue("caller", sanitized(caller))
                .addKeyValue("client", sanitized(String.valueOf(request.getRemoteAddr())));
    }

    /// @return the number of omitted rejections before this one; -1 to omit this one
    private synchronized long admit() {
        long now = nanoTime.getAsLong();
        if (now - minuteStart >= MINUTE) {
            minuteStart = now;
            rejections = 0;
        }
        if (rejections >= REJECTIONS_PER_MINUTE) {
            omitted++;
            return -1;
        }
        rejections++;
        long before = omitted;
        omitted = 0;
        return before;
    }

    /// Replaces control characters and truncates, because the subject of a token may be any text.
    private static String sanitized(String text) {
        String bounded = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) : text;
        return UNSAFE.matcher(bounded).replaceAll("?");
    }
}
