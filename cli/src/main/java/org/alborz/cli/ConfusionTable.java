package org.alborz.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Prints a confusion matrix with each class's accuracy; columns are numbered, since names are too long for them. */
final class ConfusionTable {
    private static final int MAX_NAME = 24;

    private ConfusionTable() {}

    /** Returns the lines; a row for each true class, a column for each predicted one, a dot where the count is 0. */
    static List<String> lines(List<String> classes, long[][] counts) {
        int nameWidth = classes.stream().mapToInt(String::length).max().orElse(0);
        nameWidth = Math.min(MAX_NAME, Math.max("true class".length(), nameWidth));
        long largest = Arrays.stream(counts).flatMapToLong(Arrays::stream).max().orElse(0);
        int width = Math.max(3, Long.toString(largest).length()) + 1;
        String row = "%3s %-" + nameWidth + "s %8s |%s";

        List<String> lines = new ArrayList<>();
        lines.add("Accuracy per class, and confusion matrix: rows are true classes, columns predicted ones.");
        StringBuilder head = new StringBuilder();
        for (int j = 0; j < classes.size(); j++) {
            head.append(cell(width, Integer.toString(j)));
        }
        lines.add(String.format(Locale.ROOT, row, "", "true class", "accuracy", head));
        lines.add("-".repeat(nameWidth + 14) + "+" + "-".repeat(head.length()));
        for (int i = 0; i < classes.size(); i++) {
            StringBuilder cells = new StringBuilder();
            for (long count : counts[i]) {
                cells.append(cell(width, count == 0 ? "." : Long.toString(count)));
            }
            lines.add(String.format(Locale.ROOT, row, i, shortened(classes.get(i)), accuracy(counts[i], i), cells));
        }
        return lines;
    }

    private static String accuracy(long[] counts, int trueClass) {
        long total = Arrays.stream(counts).sum();
        return total == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100.0 * counts[trueClass] / total);
    }

    private static String cell(int width, String text) {
        return " ".repeat(Math.max(1, width - text.length())) + text;
    }

    private static String shortened(String name) {
        return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME - 1) + "~";
    }
}
