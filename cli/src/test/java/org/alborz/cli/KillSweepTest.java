package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills trainings at forty random moments, each in a JVM of its own, and lets them go on: they end with the bits of a run that was never
 * stopped. Where the moments fall depends on the machine, so the test counts what it met.
 */
@Tag("sweep")
class KillSweepTest {
    private static final int KILLS = 40;
    private static final int SIGKILL = 137;
    private static final long SEED = 9;
    private static final List<String> INTERVALS = List.of("epoch", "1", "2", "1s");

    /** What a kill waits for, so that the short moments around the saves are met as well; a name that ends with a dot is a temporary file's. */
    private static final List<String> MOMENTS = List.of(
            "time",
            "time",
            "start",
            "interruption",
            "last.safetensors.",
            "best.safetensors.",
            "best.safetensors",
            "history.csv");

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);
    private final Map<RunState, Integer> states = new EnumMap<>(RunState.class);
    private final List<String> journal = new ArrayList<>();
    private int kills;
    private int withinSaves;
    private long wholeMillis;

    @Test
    void everyKilledRunEndsWithTheBitsOfOneThatWasNot() throws IOException, InterruptedException {
        Path whole = folder.resolve("whole");
        long start = System.nanoTime();
        finish(start(whole, false, "epoch"));
        wholeMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

        for (int round = 0; kills < KILLS; round++) {
            Path out = folder.resolve("round" + round);
            String interval = INTERVALS.get(round % INTERVALS.size());
            journal.add("round " + round + ", saved every " + interval);
            boolean ended = false;
            while (!ended && kills < KILLS) {
                ended = !kill(next(out, interval), out, MOMENTS.get(random.nextInt(MOMENTS.size())));
            }
            if (!ended) {
                finish(next(out, interval));
            }
            assertSame(out, whole);
        }
        assertThat(states).as("%s", journal).containsKeys(RunState.BEGUN, RunState.SAVED);
        assertThat(withinSaves).as("%s", journal).isPositive();
        System.out.println(KILLS + " kills: " + states + ", " + withinSaves + " of them within saves");
    }

    /** Starts a run as its folder asks for. */
    private Process next(Path out, String interval) throws IOException {
        RunState state = new RunFolder(out).state();
        boolean resume = state.hasCheckpoint() || state == RunState.BEGUN && random.nextBoolean();
        journal.add(state + (resume ? ": --resume" : ": new"));
        return start(out, resume, interval);
    }

    private Process start(Path out, boolean resume, String interval) throws IOException {
        Path printed = folder.resolve("printed.txt");
        return resume
                ? StartedCommand.start(printed, "train", "--resume", "--backend", "cpu-scalar", "--out", out)
                : StartedCommand.start(
                        printed,
                        "train",
                        "mlp",
                        "--backend",
                        "cpu-scalar",
                        "--optimizer",
                        "momentum",
                        "--augment",
                        "--limit",
                        32,
                        "--batch-size",
                        8,
                        "--epochs",
                        3,
                        "--save-every",
                        interval,
                        "--out",
                        out);
    }

    /** Kills a run at a moment; returns false where it ended before. */
    private boolean kill(Process process, Path out, String moment) throws IOException, InterruptedException {
        List<String> before = names(out);
        long delay = random.nextLong(
                switch (moment) {
                    case "time" -> wholeMillis;
                    case "start" -> 1 + wholeMillis / 3;
                    case "interruption" -> 50;
                    default -> 4;
                });
        if (moment.equals("interruption")) { // it saves, and is killed all the same
            process.waitFor(random.nextLong(wholeMillis), TimeUnit.MILLISECONDS);
            process.destroy();
        }
        while (moment.contains(".") && process.isAlive() && !isReached(moment, names(out), before)) {
            Thread.sleep(1);
        }
        boolean ended = process.waitFor(delay, TimeUnit.MILLISECONDS);
        process.destroyForcibly();
        if (process.waitFor() == 0 || ended && !moment.equals("interruption")) {
            assertEnded(process);
            return false;
        }
        boolean withinSave = isReached("safetensors.", names(out), before);
        if (process.exitValue() == SIGKILL) { // and not by the interruption
            kills++;
            states.merge(new RunFolder(out).state(), 1, Integer::sum);
            withinSaves += withinSave ? 1 : 0;
        }
        journal.add("killed at " + moment + " + " + delay + " ms: " + process.exitValue()
                + (withinSave ? ", within a save" : ""));
        return true;
    }

    private static boolean isReached(String moment, List<String> names, List<String> before) {
        return names.stream()
                .anyMatch(name ->
                        moment.endsWith(".") ? name.contains(moment) && !before.contains(name) : name.equals(moment));
    }

    private static List<String> names(Path out) throws IOException {
        if (!Files.isDirectory(out)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(out)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private void finish(Process process) throws IOException, InterruptedException {
        process.waitFor();
        assertEnded(process);
    }

    private void assertEnded(Process process) throws IOException {
        assertThat(process.exitValue())
                .as("%s %s", journal, Files.readString(folder.resolve("printed.txt")))
                .isZero();
    }

    private void assertSame(Path out, Path whole) throws IOException {
        for (String file : List.of("last.safetensors", "best.safetensors")) {
            assertThat(Weights.of(out.resolve(file)).equals(Weights.of(whole.resolve(file))))
                    .as("%s %s", file, journal)
                    .isTrue();
        }
        assertThat(Weights.figures(out.resolve("history.csv")))
                .as("%s", journal)
                .isEqualTo(Weights.figures(whole.resolve("history.csv")));
        assertThat(out.toFile().list())
                .as("%s", journal)
                .hasSameElementsAs(List.of(whole.toFile().list()));
    }
}
