package org.alborz.inspect;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alborz.text.TextTable;
import org.alborz.type.Shape;

/**
 * How far gradients are from central differences.
 *
 * @param rows one for each tensor
 */
public record GradientCheckReport(List<Row> rows) {
    /**
     * The gradient of a tensor.
     *
     * @param checked how many elements were compared
     * @param worst the element with the largest error; null where all were kinks or there is none
     * @param kinks at how many elements the function has no derivative
     * @param kink the first of these; null where there is none
     */
    public record Row(String name, Shape shape, int checked, Element worst, int kinks, Element kink) {
        /** Returns the error of the worst element, 0 where there is none. */
        public double error() {
            return worst == null ? 0 : worst.error();
        }
    }

    /**
     * An element of a gradient.
     *
     * @param position an index for each axis
     * @param analytic what the gradient is said to be
     * @param numeric the central difference
     * @param error what both differ by beyond rounding, divided by the larger of both, or by a thousandth of the tensor's largest gradient
     *     where that is larger
     */
    public record Element(List<Integer> position, double analytic, double numeric, double error) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s: gradient %.9g, central difference %.9g, error %.2e",
                    position,
                    analytic,
                    numeric,
                    error);
        }
    }

    public GradientCheckReport {
        rows = List.copyOf(rows);
    }

    /** Returns the tensor with the worst element, if there is one. */
    public Optional<Row> worst() {
        return rows.stream().filter(row -> row.worst() != null).max(Comparator.comparingDouble(Row::error));
    }

    /** Returns the largest error. */
    public double error() {
        return worst().map(Row::error).orElse(0.0);
    }

    /** Returns at how many elements the function has no derivative. */
    public int kinks() {
        return rows.stream().mapToInt(Row::kinks).sum();
    }

    /**
     * Refuses errors above a tolerance, such as 1e-6.
     *
     * @return this report
     * @throws IllegalStateException if there is one; it names the worst element
     */
    public GradientCheckReport require(double tolerance) {
        if (!(error() <= tolerance)) {
            Row row = worst().orElseThrow();
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "A gradient is wrong by more than %.1e: of %s %s, element %s",
                    tolerance,
                    row.name(),
                    row.shape(),
                    row.worst()));
        }
        return this;
    }

    /** Returns a table of the tensors, each with its worst element. */
    @Override
    public String toString() {
        TextTable table = new TextTable(
                "tensor", "shape", ">checked", ">kinks", ">error", "worst element", ">gradient", ">difference");
        for (Row row : rows) {
            Element worst = row.worst();
            table.row(
                    row.name(),
                    row.shape().toString(),
                    Integer.toString(row.checked()),
                    Integer.toString(row.kinks()),
                    worst == null ? "-" : String.format(Locale.ROOT, "%.2e", worst.error()),
                    worst == null ? "-" : worst.position().toString(),
                    worst == null ? "-" : String.format(Locale.ROOT, "%.6g", worst.analytic()),
                    worst == null ? "-" : String.format(Locale.ROOT, "%.6g", worst.numeric()));
        }
        return table.toString();
    }
}
