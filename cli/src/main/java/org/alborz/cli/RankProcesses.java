package org.alborz.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.alborz.text.Quoted;

/**
 * The processes of {@link LaunchCommand}. However they or this process end, none is left: those that do not end by themselves after another one
 * failed are asked to, and then killed; and each ends by itself where this process is killed.
 */
final class RankProcesses implements AutoCloseable {
    private static final int SIGNALS = 128;
    private static final int SIGHUP = 1;
    private static final int SIGTERM = 15;

    private final List<String> command;
    private final Map<String, String> group;
    private final Path logs;
    private final PrintWriter err;
    private final Patience patience;
    private final List<Process> processes = new ArrayList<>();
    private final List<Thread> readers = new ArrayList<>();
    private final BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();
    private volatile boolean interrupted;
    private final Thread hook = new Thread(this::interrupt, "alborz-launch");

    /**
     * How long processes that are to end may take.
     *
     * @param failed for the others to notice that a rank has failed
     * @param saving to save, after an interruption or when they are asked to end
     */
    record Patience(Duration failed, Duration saving) {
        /** The usual one, whose second part is a little more than {@link Interruption} takes at most. */
        static final Patience USUAL = new Patience(Duration.ofSeconds(10), Duration.ofSeconds(70));
    }

    /**
     * Describes the processes.
     *
     * @param command of each
     * @param group what their environments have in common
     * @param logs where ranks from 1 on write what they print; null for {@code err}
     */
    RankProcesses(List<String> command, Map<String, String> group, Path logs, PrintWriter err, Patience patience) {
        this.command = List.copyOf(command);
        this.group = Map.copyOf(group);
        this.logs = logs;
        this.err = err;
        this.patience = patience;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    void start(int count) {
        for (int rank = 0; rank < count; rank++) {
            startRank(rank);
        }
    }

    private void startRank(int rank) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(group);
        builder.environment().put(RankGroup.RANK, Integer.toString(rank));
        builder.environment().put(RankGroup.LOCAL_RANK, Integer.toString(rank));
        if (rank == 0) {
            builder.inheritIO(); // a progress bar is drawn on a terminal
        } else {
            builder.redirectErrorStream(true);
            if (logs != null) {
                builder.redirectOutput(
                        Redirect.appendTo(logs.resolve("rank" + rank + ".log").toFile()));
            }
        }
        try {
            Process process;
            synchronized (processes) {
                if (interrupted) { // those that run have been asked to end
                    throw new CommandFailure(ExitCodes.INTERRUPTED, "launch was interrupted");
                }
                process = builder.start();
                processes.add(process);
            }
            process.onExit().thenRun(() -> ended.add(rank));
            if (rank > 0) {
                process.getOutputStream().close();
                read(rank, process);
            }
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.FAILED, "Rank " + rank + " could not be started: " + e, e);
        }
    }

    private void read(int rank, Process process) {
        if (logs != null) {
            return;
        }
        Thread reader = new Thread(
                () -> {
                    try (BufferedReader lines = process.inputReader()) {
                        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                            err.println("[rank " + rank + "] " + Quoted.printable(line));
                            err.flush();
                        }
                    } catch (IOException e) {
                        err.println("[rank " + rank + "] could not be read: " + e);
                        err.flush();
                    }
                },
                "alborz-rank-" + rank);
        reader.setDaemon(true);
        reader.start();
        readers.add(reader);
    }

    /**
     * Waits for all to end.
     *
     * @return 0, or what a rank that was asked to end returned
     * @throws CommandFailure when one failed, which it names, with its exit code
     */
    int await() {
        try {
            for (int done = 0; done < processes.size(); done++) {
                int rank = ended.take();
                int code = processes.get(rank).exitValue();
                if (code != ExitCodes.OK) {
                    return await(new Ended(rank, code));
                }
            }
            joinReaders();
            return ExitCodes.OK;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCodes.FAILED, "launch was interrupted", e);
        }
    }

    /** A rank that did not end by {@link ExitCodes#OK}. */
    private record Ended(int rank, int code) {
        /** Tells whether it was asked to end, by Ctrl-C or for itself. */
        boolean isInterrupted() {
            return code == ExitCodes.INTERRUPTED || code == SIGNALS + SIGHUP || code == SIGNALS + SIGTERM;
        }

        /** Tells whether the cause of the end is this rank's. */
        boolean isFailed() {
            return code != ExitCodes.OTHER_RANK && !isInterrupted();
        }
    }

    /** Waits for the others when one has ended. */
    private int await(Ended first) throws InterruptedException {
        boolean asked = first.isInterrupted() && !interrupted;
        if (asked) {
            each(RankProcesses::ask); // they save; where the ranks have not met yet they would wait for it
        }
        // One that ended because another did may have been faster than that, or than rank 0, which saves.
        boolean saves = interrupted || !first.isFailed();
        boolean ended = areEndedWithin(saves ? patience.saving() : patience.failed());
        Ended cause = cause(first);
        if (!ended) {
            end(!asked && !interrupted, saves ? patience.failed() : patience.saving());
        }
        joinReaders();
        if (interrupted || cause.isInterrupted()) {
            return ExitCodes.INTERRUPTED;
        }
        throw new CommandFailure(
                cause.code() == ExitCodes.OTHER_RANK ? ExitCodes.FAILED : cause.code(),
                failure(cause.rank(), cause.code()));
    }

    /** Returns the rank that the others ended for: one that failed, or else was interrupted, if any has so far. */
    private Ended cause(Ended first) {
        List<Ended> all = new ArrayList<>(List.of(first));
        for (int rank = 0; rank < processes.size(); rank++) {
            if (!processes.get(rank).isAlive()) {
                all.add(new Ended(rank, processes.get(rank).exitValue()));
            }
        }
        all.removeIf(ended -> ended.code() == ExitCodes.OK);
        return all.stream()
                .filter(Ended::isFailed)
                .findFirst()
                .or(() -> all.stream().filter(Ended::isInterrupted).findFirst())
                .orElse(first);
    }

    private String failure(int rank, int code) {
        String how = code > SIGNALS ? "was ended by signal " + (code - SIGNALS) : "failed with exit code " + code;
        String where = logs == null || rank == 0
                ? "its messages stand above"
                : "its messages are in " + logs.resolve("rank" + rank + ".log");
        boolean begun = code != ExitCodes.USAGE && code != ExitCodes.BACKEND && code != ExitCodes.DATA;
        String advice = begun // else the rank's message names the remedy
                ? ". A run that has saved goes on by: ./alborz launch --ranks " + processes.size()
                        + " train --resume --out DIR"
                : "";
        return "Rank " + rank + " " + how + ", the first of " + processes.size() + "; all have ended, and " + where
                + advice;
    }

    private void joinReaders() throws InterruptedException {
        for (Thread reader : readers) {
            reader.join(patience.failed().toMillis());
        }
    }

    /** Ends all: asks them to, which has them save, and kills those that have not ended in time. */
    private void end(boolean ask, Duration time) throws InterruptedException {
        if (ask) { // else it was done, by the hook or before
            each(RankProcesses::ask);
        }
        if (!areEndedWithin(time)) {
            each(Process::destroyForcibly);
            areEndedWithin(patience.failed());
        }
    }

    /** Asks a process to end; {@link Process#destroy} would also stop reading what it still prints. */
    private static void ask(Process process) {
        process.toHandle().destroy();
    }

    private void each(Consumer<Process> action) {
        synchronized (processes) {
            processes.forEach(action);
        }
    }

    private boolean areEndedWithin(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        List<Process> all;
        synchronized (processes) {
            all = List.copyOf(processes);
        }
        boolean ended = true;
        for (Process process : all) {
            ended &= process.waitFor(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        return ended;
    }

    /** Asks all to save and end, as this process was asked to by Ctrl-C or otherwise; none is started from then on. */
    void interrupt() {
        synchronized (processes) {
            interrupted = true;
            processes.forEach(RankProcesses::ask);
        }
        try {
            if (!areEndedWithin(patience.saving())) {
                each(Process::destroyForcibly);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            each(Process::destroyForcibly);
        }
    }

    /** Kills those that still run. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // it is at work
        }
        each(Process::destroyForcibly);
    }
}
