package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a program that trains under all callbacks, in a JVM of its own, at random moments, and starts it again: it ends with the bits of one that was not. */
@Tag("sweep")
class AllCallbacksKillSweepTest {
    private static final int EPOCHS = 20;
    private static final int KILLS = 10;
    private static final int SIGKILL = 137;

    @TempDir
    Path directory;

    private Process start(Path folder, Path result) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AllCallbacksProgram.class.getName(),
                        folder.toString(),
                        Integer.toString(EPOCHS),
                        result.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("printed.txt").toFile())
                .start();
    }

    private void requireEnded(Process process) throws IOException {
        assertThat(process.exitValue())
                .as(Files.readString(directory.resolve("printed.txt")))
                .isZero();
    }

    @Test
    void aKilledProgramEndsWithTheBitsOfOneThatWasNot() throws IOException, InterruptedException {
        Path straight = directory.resolve("straight.txt");
        long begun = System.nanoTime();
        Process whole = start(directory.resolve("straight"), straight);
        whole.waitFor();
        requireEnded(whole);
        long wholeMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);

        Random random = new Random(17);
        int kills = 0;
        int backups = 0;
        for (int run = 0; kills < KILLS; run++) {
            Path folder = directory.resolve("run" + run);
            Path result = directory.resolve("run" + run + ".txt");
            boolean killed = true;
            while (killed) {
                Process process = start(folder, result);
                if (kills < KILLS) {
                    process.waitFor(wholeMillis / 4 + random.nextLong(wholeMillis), TimeUnit.MILLISECONDS);
                    process.destroyForcibly();
                }
                killed = process.waitFor() == SIGKILL;
                if (killed) {
                    kills++;
                    backups += Files.exists(folder.resolve("backup/backup.safetensors")) ? 1 : 0;
                } else {
                    requireEnded(process);
                }
            }
            assertThat(Files.readAllLines(result)).isEqualTo(Files.readAllLines(straight));
        }
        assertThat(backups).isPositive();
        System.out.println(kills + " kills, " + backups + " of them with a backup to go on from");
    }
}
