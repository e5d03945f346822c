package org.alborz.gpucheck;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** The rows so far. A row's seconds are counted from the row before. */
final class Rows {
    private final List<Row> all = new ArrayList<>();
    private final Consumer<String> progress;
    private long since = System.nanoTime();
    private Runnable afterEach = () -> {};

    /** Makes an empty table; each row is also told to {@code progress} as soon as it is there. */
    Rows(Consumer<String> progress) {
        this.progress = progress;
    }

    /** Has something done after each row from now on. */
    void afterEach(Runnable done) {
        afterEach = done;
    }

    void passed(String name, String figure, Object... values) {
        add(name, Row.Verdict.PASSED, String.format(Locale.ROOT, figure, values), Map.of());
    }

    /** Adds a row of something measured, which passes by being there. */
    void measured(String name, Map<String, Double> numbers, String figure, Object... values) {
        add(name, Row.Verdict.PASSED, String.format(Locale.ROOT, figure, values), numbers);
    }

    void failed(String name, String figure, Object... values) {
        add(name, Row.Verdict.FAILED, String.format(Locale.ROOT, figure, values), Map.of());
    }

    void skipped(String name, String reason, Object... values) {
        add(name, Row.Verdict.SKIPPED, String.format(Locale.ROOT, reason, values), Map.of());
    }

    /** Adds a row that passed or failed, with the same figure. */
    void judged(String name, boolean passed, String figure, Object... values) {
        if (passed) {
            passed(name, figure, values);
        } else {
            failed(name, figure, values);
        }
    }

    private void add(String name, Row.Verdict verdict, String figure, Map<String, Double> numbers) {
        long now = System.nanoTime();
        Row row = new Row(name, verdict, figure.lines().findFirst().orElse(""), (now - since) * 1e-9, numbers);
        since = now;
        all.add(row);
        progress.accept(row.toString());
        afterEach.run();
    }

    /** Tells what goes on, between rows. */
    void note(String text, Object... values) {
        progress.accept("  " + String.format(Locale.ROOT, text, values));
    }

    List<Row> all() {
        return List.copyOf(all);
    }

    long count(Row.Verdict verdict) {
        return all.stream().filter(row -> row.verdict() == verdict).count();
    }
}
