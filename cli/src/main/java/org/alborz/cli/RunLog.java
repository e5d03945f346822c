package org.alborz.cli;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** Copies to a file what a run logs and prints, with the time, while it is open. */
final class RunLog implements AutoCloseable {
    private final List<Logger> loggers = List.of(logger(Logger.ROOT_LOGGER_NAME), logger("console"));
    private final FileAppender<ILoggingEvent> appender = new FileAppender<>();

    /** Appends to a file. */
    RunLog(Path file) {
        LoggerContext context = loggers.get(0).getLoggerContext();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %msg%n");
        encoder.start();
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setEncoder(encoder);
        appender.start();
        if (!appender.isStarted()) {
            throw new CommandFailure(
                    ExitCodes.FAILED,
                    file + " could not be opened to log the run; check its permissions, or choose another --out");
        }
        loggers.forEach(logger -> logger.addAppender(appender));
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }

    /** Does something, and notes with the stack trace what went wrong in it. */
    <T> T around(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException | Error e) {
            loggers.get(1).error("The run failed", e);
            throw e;
        }
    }

    @Override
    public void close() {
        loggers.forEach(logger -> logger.detachAppender(appender));
        appender.stop();
    }
}
