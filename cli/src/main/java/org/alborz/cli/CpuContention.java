package org.alborz.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** Tells how much of the processors others took while something was measured; on Linux only. */
final class CpuContention {
    private static final Path STATISTICS = Path.of("/proc/stat");

    /** In which field of the line {@code cpu user nice system idle iowait …} a processor does nothing. */
    private static final int IDLE = 3;

    private static final int IO_WAIT = 4;

    /** After user, nice, system, idle, iowait, irq, softirq and steal come shares that are in user already. */
    private static final int FIELDS = 8;

    private final List<ProcessHandle> measured;
    private final Ticks ticks;
    private final double seconds;
    private final long start = System.nanoTime();
    private double secondsOfEnded;

    /** Ticks of all processors since the machine was started. */
    private record Ticks(double busy, double all, int processors) {}

    private CpuContention(List<ProcessHandle> measured, Ticks ticks) {
        this.measured = measured;
        this.ticks = ticks;
        this.seconds = seconds(measured);
    }

    /** Begins to watch everything but some processes. */
    static CpuContention watch(ProcessHandle... measured) {
        return new CpuContention(List.of(measured), ticks());
    }

    /** Takes the processor time of a measured process that is about to end. */
    void ending(ProcessHandle process) {
        secondsOfEnded += seconds(List.of(process));
    }

    /**
     * Returns the share of all processors that others took since, from 0 to 1; empty where the system does not tell, as in a container
     * that sees the host's processors and may use only some.
     */
    OptionalDouble share() {
        Ticks now = ticks();
        if (now == null || ticks == null || now.all() <= ticks.all()) {
            return OptionalDouble.empty();
        }
        int processors = Runtime.getRuntime().availableProcessors();
        if (now.processors() != processors) {
            return OptionalDouble.empty();
        }
        double busy = (now.busy() - ticks.busy()) / (now.all() - ticks.all());
        double elapsed = (System.nanoTime() - start) * 1e-9;
        double own = (seconds(measured) - seconds + secondsOfEnded) / (elapsed * processors);
        return OptionalDouble.of(Math.max(0, busy - own));
    }

    private static double seconds(List<ProcessHandle> processes) {
        return processes.stream()
                .mapToDouble(process ->
                        process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() * 1e-9)
                .sum();
    }

    private static Ticks ticks() {
        try {
            return Files.isReadable(STATISTICS) ? ticks(Files.readAllLines(STATISTICS)) : null;
        } catch (IOException e) {
            return null; // only a remark is lost
        }
    }

    private static Ticks ticks(List<String> lines) {
        double[] fields = Arrays.stream(lines.get(0).strip().split("\\s+"))
                .skip(1)
                .limit(FIELDS)
                .mapToDouble(Double::parseDouble)
                .toArray();
        double all = Arrays.stream(fields).sum();
        int processors =
                (int) lines.stream().filter(line -> line.matches("cpu\\d.*")).count();
        return new Ticks(all - fields[IDLE] - fields[IO_WAIT], all, processors);
    }
}
