package org.alborz.gpucheck;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Counts tests, tells how it goes, and writes the first failures in full into the log. */
final class ConformanceListener implements TestExecutionListener {
    private static final int FAILURES_IN_FULL = 20;
    private static final long NANOS_BETWEEN_NOTES = 10_000_000_000L;

    private final String name;
    private final Rows rows;
    private final Log log;
    private final Map<String, Integer> reasonsToSkip = new TreeMap<>();
    private TestPlan plan;
    private long passed;
    private long failed;
    private long skipped;
    private long lastNote = System.nanoTime();

    ConformanceListener(String name, Rows rows, Log log) {
        this.name = name;
        this.rows = rows;
        this.log = log;
    }

    long passed() {
        return passed;
    }

    long failed() {
        return failed;
    }

    String figure() {
        return String.format(Locale.ROOT, "%d tests passed, %d failed, %d skipped", passed, failed, skipped);
    }

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        plan = started;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        skip(reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        switch (result.getStatus()) {
            case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
            case ABORTED ->
                skip(result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
            case FAILED -> fail(test, result.getThrowable().orElse(null));
        }
        if (System.nanoTime() - lastNote > NANOS_BETWEEN_NOTES) {
            lastNote = System.nanoTime();
            rows.note("%s so far: %s", name, figure());
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan finished) {
        reasonsToSkip.forEach((reason, count) -> log.line("%s skipped %d: %s", name, count, reason));
        log.line("%s: %s", name, figure());
    }

    private void skip(String reason) {
        skipped++;
        reasonsToSkip.merge(String.valueOf(reason), 1, Integer::sum);
    }

    /** A container can fail as well, such as one whose memory was not given back. */
    private void fail(TestIdentifier test, Throwable failure) {
        failed++;
        if (failed <= FAILURES_IN_FULL) {
            StringWriter text = new StringWriter();
            if (failure != null) {
                failure.printStackTrace(new PrintWriter(text));
            }
            log.line("%s FAILED %s%n%s", name, path(test), text);
            rows.note("%s failed: %s", name, path(test));
        } else if (failed == FAILURES_IN_FULL + 1) {
            log.line("%s: more failures are only counted", name);
        }
    }

    /** Returns the names of a test and what it is in, but for the engine. */
    private String path(TestIdentifier test) {
        return plan.getParent(test)
                .filter(parent -> parent.getParentId().isPresent())
                .map(parent -> path(parent) + " / " + test.getDisplayName())
                .orElse(test.getDisplayName());
    }
}
