package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills one of three ranks at random moments, each time another one, and launches the training again: it ends with the bits of the one that was never
 * stopped, and no process is left; {@code -Dkills=10} for more kills than usual.
 */
@Tag("sweep")
class LaunchKillSweepTest {
    private static final int KILLS = Integer.getInteger("kills", 3);
    private static final int RANKS = 3;
    private static final long SEED = 4;

    /** A run of seconds took over three minutes on a machine of two processors with a load of 20. A rank that waits for a lost one gives up after a minute. */
    private static final int LEAST_PATIENCE_SECONDS = 1200;

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);
    private final List<String> journal = new ArrayList<>();
    private int kills;

    /** After which a run counts as one that does not end: ten times what one takes here, which depends on other programs. */
    private long patienceSeconds = LEAST_PATIENCE_SECONDS;

    @Test
    void aGroupWithKilledRanksEndsWithTheBitsOfOneWithout() throws IOException, InterruptedException {
        Path whole = folder.resolve("whole");
        long start = System.nanoTime();
        assertThat(end(launch(whole))).as(printed()).isZero();
        long wholeMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        patienceSeconds = Math.max(LEAST_PATIENCE_SECONDS, TimeUnit.MILLISECONDS.toSeconds(10 * wholeMillis));

        for (int round = 0; kills < KILLS; round++) {
            Path out = folder.resolve("round" + round);
            boolean ended = false;
            for (int launches = 1; !ended && kills < KILLS; launches++) {
                start = System.nanoTime();
                ended = !kill(launch(out), wholeMillis);
                // Other programs may have ended since the first run, and kills would come too late.
                if (ended && launches == 1) {
                    wholeMillis = Math.min(wholeMillis, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
                }
            }
            if (!ended) {
                assertThat(end(launch(out))).as("%s %s", journal, printed()).isZero();
            }
            assertSame(out, whole);
        }
        System.out.println(KILLS + " kills of a rank: " + journal);
    }

    private String printed() {
        try {
            return Files.readString(folder.resolve("printed.txt"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Starts a run, or goes on where one stopped. */
    private Process launch(Path out) throws IOException {
        List<Object> words = new ArrayList<>(List.of("launch", "--ranks", RANKS, "--timeout", 60, "train"));
        if (new RunFolder(out).state().hasCheckpoint()) {
            words.add("--resume");
        } else {
            words.addAll(List.of("lenet5", "--optimizer", "momentum", "--augment", "--limit", 52, "--batch-size", 4));
            words.addAll(List.of("--epochs", 3, "--save-every", 2));
        }
        words.addAll(List.of("--backend", "cpu-scalar", "--out", out));
        return StartedCommand.start(folder.resolve("printed.txt"), words.toArray());
    }

    /** Kills a rank at a moment; returns false where all had ended before. */
    private boolean kill(Process process, long wholeMillis) throws IOException, InterruptedException {
        long delay = random.nextLong(wholeMillis);
        boolean ended = process.waitFor(delay, TimeUnit.MILLISECONDS);
        List<ProcessHandle> ranks = process.children().toList();
        if (!ranks.isEmpty()) {
            int which = random.nextInt(ranks.size());
            boolean killed = ranks.get(which).destroyForcibly();
            journal.add("child " + which + " after " + delay + " ms" + (killed ? "" : ", too late"));
            kills += killed ? 1 : 0;
        }
        int code = end(process);
        if (ended) {
            assertThat(code).as("%s %s", journal, printed()).isZero();
        }
        return code != 0;
    }

    private int end(Process process) throws IOException, InterruptedException {
        List<ProcessHandle> ranks = process.descendants().toList();
        try {
            boolean ended = process.waitFor(patienceSeconds, TimeUnit.SECONDS);
            assertThat(ended)
                    .as(() -> journal + " " + printed() + threads(process))
                    .isTrue();
            assertThat(ranks).noneMatch(ProcessHandle::isAlive);
            return process.exitValue();
        } finally {
            ranks.forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Returns what the threads of a launch and of its ranks do. */
    private static String threads(Process process) {
        StringBuilder all = new StringBuilder();
        for (ProcessHandle each : Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList()) {
            try {
                Process stack = new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jstack")
                                        .toString(),
                                Long.toString(each.pid()))
                        .redirectErrorStream(true)
                        .start();
                all.append("\nProcess ").append(each.pid()).append(": ");
                all.append(new String(stack.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                all.append(e);
            }
        }
        return all.toString();
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
    }
}
