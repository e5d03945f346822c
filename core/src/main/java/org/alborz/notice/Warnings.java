package org.alborz.notice;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLoggerFactory;

/** Warns of what would otherwise go unnoticed. */
public final class Warnings {
    private Warnings() {}

    /** Logs at INFO, or prints a line to standard error where SLF4J has no provider and would drop it. */
    public static void tell(Logger log, String message) {
        if (LoggerFactory.getILoggerFactory() instanceof NOPLoggerFactory) {
            System.err.println("alborz: " + message);
        } else {
            log.info(message);
        }
    }

    /**
     * Logs a warning, or prints it as one line to standard error where SLF4J has no provider and would drop it.
     *
     * @param log the logger of the class that warns
     */
    public static void warn(Logger log, String message) {
        if (LoggerFactory.getILoggerFactory() instanceof NOPLoggerFactory) {
            System.err.println("alborz: warning: " + message);
        } else {
            log.warn(message);
        }
    }
}
