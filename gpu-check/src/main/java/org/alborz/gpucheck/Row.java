package org.alborz.gpucheck;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import java.util.Map;

/**
 * A line of the table.
 *
 * @param figure what was found, in words
 * @param seconds that finding it took
 * @param numbers for machines: what the figure tells in words, where it was measured
 */
record Row(
        String name,
        Verdict verdict,
        String figure,
        double seconds,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Double> numbers) {
    static final String HEAD = String.format("%-40s %-7s %7s  %s", "check", "verdict", "seconds", "figure");

    Row {
        numbers = numbers == null ? Map.of() : numbers; // JSON leaves out what is empty
    }

    enum Verdict {
        PASSED,
        FAILED,
        SKIPPED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%-40s %-7s %7.1f  %s", name, verdict, seconds, figure);
    }
}
