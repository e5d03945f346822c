package org.alborz.checkpoint;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.alborz.train.Trainer;

/** A file's name with places for epoch, step, batch, losses and metrics, such as {@code epoch-{epoch:03d}-{val_loss:.4f}.safetensors}. */
final class FileName {
    private static final String SUFFIX = ".safetensors";
    private static final Pattern PLACE = Pattern.compile("\\{([^{}:]+)(?::([^{}]*))?}");
    private static final Pattern WHOLE = Pattern.compile("(0?[1-9]\\d?)?d");
    private static final Pattern DECIMAL = Pattern.compile("(0?[1-9]\\d?)?(\\.\\d{1,2})?[efg]");
    private static final Set<String> COUNTS = Set.of("epoch", "step", "batch");

    private final String pattern;
    private final Set<String> figures = new LinkedHashSet<>();

    FileName(String given) {
        String text = Given.value(given, "ModelCheckpoint", "a pattern of a file's name");
        pattern = text.endsWith(SUFFIX) ? text : text + SUFFIX;
        Matcher place = PLACE.matcher(pattern);
        while (place.find()) {
            String name = place.group(1);
            boolean count = COUNTS.contains(name);
            if (place.group(2) != null
                    && !(count ? WHOLE : DECIMAL).matcher(place.group(2)).matches()) {
                throw new IllegalArgumentException("ModelCheckpoint expects " + name + " in a file's name as {" + name
                        + "} or with a format such as " + (count ? "{" + name + ":03d}" : "{" + name + ":.4f}")
                        + ", got " + Quoted.text(place.group()));
            }
            if (!count) {
                figures.add(name);
            }
        }
        String rest = PLACE.matcher(pattern).replaceAll("");
        if (rest.matches("(?s).*[{}/\\\\:\\p{Cntrl}].*") || pattern.equals(SUFFIX)) {
            throw new IllegalArgumentException(
                    "ModelCheckpoint expects the name of a file in its directory, with places"
                            + " such as {epoch:03d} or {val_loss:.4f}, got " + Quoted.text(given));
        }
    }

    /** Returns the losses and metrics in it. */
    Set<String> figures() {
        return figures;
    }

    /** Refuses what is known at the end of an epoch only. */
    void requireWithinEpoch() {
        for (String name : figures) {
            if (name.startsWith("val_")) {
                throw new IllegalArgumentException("ModelCheckpoint saves within an epoch under " + Quoted.text(pattern)
                        + ", where there is no " + name + " yet; leave it out of the name, or save after epochs only");
            }
        }
    }

    /**
     * Returns the name of a file.
     *
     * @param epoch counted from 1
     */
    String of(int epoch, Trainer trainer, Map<String, Double> values) {
        return PLACE.matcher(pattern)
                .replaceAll(place ->
                        Matcher.quoteReplacement(text(place.group(1), place.group(2), epoch, trainer, values)));
    }

    private static String text(String name, String format, int epoch, Trainer trainer, Map<String, Double> values) {
        return switch (name) {
            case "epoch" -> whole(format, epoch);
            case "step" -> whole(format, trainer.step());
            case "batch" -> whole(format, trainer.nextBatch());
            default -> String.format(Locale.ROOT, "%" + (format == null ? ".4f" : format), values.get(name));
        };
    }

    private static String whole(String format, long value) {
        return String.format(Locale.ROOT, "%" + (format == null ? "d" : format), value);
    }
}
