package org.alborz.cli;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.alborz.metrics.Accuracy;
import org.alborz.metrics.Average;
import org.alborz.metrics.CalibrationError;
import org.alborz.metrics.F1;
import org.alborz.metrics.IoU;
import org.alborz.metrics.Metric;
import org.alborz.metrics.PrecisionScore;
import org.alborz.metrics.Recall;
import org.alborz.metrics.TopK;

/** The metrics of a classifier, by the names that {@code --metrics} takes. */
final class MetricNames {
    static final String ACCURACY = "accuracy";
    static final String KNOWN = ACCURACY + ", top-K such as top-5, precision, recall, f1, iou, calibration-error";

    private static final List<String> NAMES =
            List.of(ACCURACY, "precision", "recall", "f1", "iou", "calibration-error");
    private static final Pattern TOP = Pattern.compile("top-([1-9][0-9]{0,4})");

    private MetricNames() {}

    /** Returns names that are all known, each once, with the accuracy in front, which is always measured. */
    static List<String> require(List<String> names) {
        for (String name : names) {
            if (!NAMES.contains(name) && !TOP.matcher(name).matches()) {
                throw OptionChecks.refused("--metrics", "names among " + KNOWN, "'" + name + "'");
            }
        }
        return Stream.concat(Stream.of(ACCURACY), names.stream()).distinct().toList();
    }

    /** Refuses metrics of classifiers for a model of a text, whose perplexity is always measured. */
    static List<String> requireNone(List<String> names, String model) {
        if (!names.isEmpty()) {
            throw OptionChecks.refused("--metrics", "no names for " + model + ", which measures its perplexity", names);
        }
        return names;
    }

    /** Returns a metric; precision, recall, F1 and IoU are the means over classes. */
    static Metric of(String name, int classes) {
        Matcher top = TOP.matcher(name);
        if (top.matches()) {
            return new TopK(Integer.parseInt(top.group(1)));
        }
        return switch (name) {
            case ACCURACY -> new Accuracy();
            case "precision" -> new PrecisionScore(Average.macro(classes));
            case "recall" -> new Recall(Average.macro(classes));
            case "f1" -> new F1(Average.macro(classes));
            case "iou" -> new IoU(Average.macro(classes));
            case "calibration-error" -> new CalibrationError();
            default -> throw new IllegalArgumentException("There is no metric '" + name + "'");
        };
    }
}
