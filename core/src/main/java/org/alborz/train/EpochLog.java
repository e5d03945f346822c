package org.alborz.train;

import java.util.Locale;
import org.alborz.notice.Warnings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in a line what an epoch came to, or not. */
enum EpochLog {
    /** At INFO. */
    LOGGED,
    /** At INFO, and to standard error where no logger would take it. */
    SHOWN,
    NONE;

    private static final Logger log = LoggerFactory.getLogger(Trainer.class);

    /** Returns what a builder was told; null where it was not. */
    static EpochLog of(Boolean verbose) {
        return verbose == null ? LOGGED : verbose ? SHOWN : NONE;
    }

    void say(EpochResult result, int epochs) {
        if (this == SHOWN) {
            Warnings.tell(log, line(result, epochs));
        } else if (this == LOGGED && log.isInfoEnabled()) {
            log.info(line(result, epochs));
        }
    }

    /** Returns the figures, and of how many epochs in all, those before a resume counted in. */
    static String line(EpochResult result, int epochs) {
        return String.format(
                Locale.ROOT,
                "epoch %d of %d in all  %s  %.1f s, %.0f samples/s",
                result.epoch(),
                epochs,
                Figures.text(result.figures()),
                result.seconds(),
                result.samplesPerSecond());
    }
}
