package org.alborz.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alborz.checkpoint.ModelCheckpoint;

/** How often a run saves {@code last}, beside the ends of the epochs. */
sealed interface SaveInterval {
    /** The word for the ends of the epochs alone. */
    String EPOCH = "epoch";

    /** Returns a callback that also saves so often. */
    ModelCheckpoint applyTo(ModelCheckpoint checkpoint);

    /** Saves at the ends of the epochs alone. */
    record Epochs() implements SaveInterval {
        @Override
        public ModelCheckpoint applyTo(ModelCheckpoint checkpoint) {
            return checkpoint;
        }
    }

    /** Saves each time the given number of steps has passed. */
    record Steps(long count) implements SaveInterval {
        @Override
        public ModelCheckpoint applyTo(ModelCheckpoint checkpoint) {
            return checkpoint.every(count);
        }
    }

    /** Saves after the step in which so much time is over. */
    record Time(Duration length) implements SaveInterval {
        @Override
        public ModelCheckpoint applyTo(ModelCheckpoint checkpoint) {
            return checkpoint.every(length);
        }
    }

    /** Reads {@value #EPOCH}, a number of steps such as {@code 500}, or a time such as {@code 30s}, {@code 10m} or {@code 2h}. */
    static SaveInterval parse(String text) {
        Matcher matcher = Pattern.compile("([1-9][0-9]{0,8})([smh]?)").matcher(text);
        if (text.equals(EPOCH)) {
            return new Epochs();
        }
        if (!matcher.matches()) {
            throw CommandFailure.usage(
                    "--save-every expects a number of steps such as 500, a time such as 30s, 10m or 2h, or " + EPOCH
                            + ", got '" + text + "'");
        }
        long count = Long.parseLong(matcher.group(1));
        return matcher.group(2).isEmpty()
                ? new Steps(count)
                : new Time(Duration.parse("PT" + count + matcher.group(2).toUpperCase(Locale.ROOT)));
    }
}
