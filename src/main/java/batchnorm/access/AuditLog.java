package batchnorm.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/// One log line for each layer that is created, replaced or deleted, each backup, and each
/// credential that is rejected. The line holds the name of a key, never the key.
public final class AuditLog {
    /// The name of the logger.
    public static final String NAME = "batchnorm.audit";

    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    /// A flood of rejected credentials must not fill the disk; the next line has the number of
    /// those that were left out.
    private static final int REJECTIONS_PER_MINUTE = 60;

    private static final long MINUTE = 60_000_000_000L;
    private static final int LONGEST = 128;
    private static final Pattern UNFIT = Pattern.compile("[^\\x21-\\x7e]");

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

    /// Records what the current request has done.
    ///
    /// @param subject the layer or snapshot
    public void record(AuditEvent event, String subject) {
        if (RequestContextHolder.currentRequestAttributes()
                instanceof ServletRequestAttributes current) {
            HttpServletRequest request = current.getRequest();
            line(request, event.word(), Caller.of(request))
                    .addKeyValue("subject", fit(subject))
                    .log(
                            "{} {} by {}, request {}",
                            event.word(),
                            fit(subject),
                            fit(Caller.of(request)),
                            RequestId.of(request));
        }
    }

    /// Records credentials that were rejected.
    ///
    /// @param caller the name of the key, or what stands for one that is unknown
    void rejected(HttpServletRequest request, String caller, String reason) {
        long left = admit();
        if (left >= 0) {
            line(request, "reject", caller)
                    .addKeyValue("reason", reason)
                    .addKeyValue("omitted", left)
                    .log(
                            "reject credentials of {}: {}, request {}, {} more since the last line",
                            fit(caller),
                            reason,
                            RequestId.of(request),
                            left);
        }
    }

    private static LoggingEventBuilder line(
            HttpServletRequest request, String event, String caller) {
        return LOG.atInfo()
                .addKeyValue("event", event)
                .addKeyValue("caller", fit(caller))
                .addKeyValue("request_id", RequestId.of(request))
                .addKeyValue("client", fit(String.valueOf(request.getRemoteAddr())));
    }

    /// @return how many were omitted before this one; -1 for one that is to be omitted
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

    /// The subject of a token may be any text: no line end, no control character, no end.
    private static String fit(String text) {
        String bounded = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        return UNFIT.matcher(bounded).replaceAll("?");
    }
}
