package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alborz.graph.GraphComparison;

/**
 * How far a pass is the same as the reference's; what {@code --json} holds a list of.
 *
 * @param compared the backend or the checkpoint that was compared with the reference
 * @param pass {@code evaluation} or {@code training}
 * @param operations how many were compared
 * @param largest the largest relative difference
 * @param first the first operation that differs by more than the tolerance; null where none does
 * @param nan the first operation that has a NaN; null where none has
 */
record BisectFinding(String compared, String pass, int operations, double tolerance, double largest, At first, At nan) {
    /**
     * An operation and an element of its results.
     *
     * @param layer null outside of layers, empty for the net itself
     */
    record At(
            int step,
            String operation,
            String layer,
            boolean backward,
            double relative,
            int result,
            List<Integer> position,
            double expected,
            double actual) {
        static At of(GraphComparison.Difference difference, GraphComparison.Element element) {
            return new At(
                    difference.number(),
                    difference.step().op().toString(),
                    difference.step().layer(),
                    difference.step().backward(),
                    difference.relative(),
                    element.result(),
                    element.position(),
                    element.expected(),
                    element.actual());
        }

        private List<String> lines(String title) {
            String where = layer == null ? "outside of layers" : layer.isEmpty() ? "the net itself" : "layer " + layer;
            return List.of(
                    "  " + title + ": step " + step + ", " + where + (backward ? ", backward" : ""),
                    "    " + operation,
                    "    element " + position + (result == 0 ? "" : " of result " + result) + " is " + actual
                            + ", expected " + expected);
        }
    }

    static BisectFinding of(String compared, String pass, GraphComparison comparison, double tolerance) {
        return new BisectFinding(
                compared,
                pass,
                comparison.differences().size(),
                tolerance,
                comparison.worst().map(GraphComparison.Difference::relative).orElse(0.0),
                comparison
                        .first(tolerance)
                        .map(difference -> At.of(difference, difference.worst()))
                        .orElse(null),
                comparison
                        .firstNaN()
                        .map(difference -> At.of(difference, difference.nan()))
                        .orElse(null));
    }

    boolean isAlike() {
        return first == null && nan == null;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "%s, %s: %d operations, %s %.2g; the largest difference is %.2e",
                compared,
                pass,
                operations,
                first == null ? "all within" : "not all within",
                tolerance,
                largest));
        if (first != null) {
            lines.addAll(first.lines("First difference"));
        }
        if (nan != null) {
            lines.addAll(nan.lines("First NaN"));
        }
        return lines;
    }
}
