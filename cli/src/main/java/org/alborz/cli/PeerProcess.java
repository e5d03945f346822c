package org.alborz.cli;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A contestant in a process of its own, which is told by lines what to do and answers by lines; see {@code Worker} in the module
 * {@code benchmarks}.
 *
 * <p>While it is told nothing it waits for its standard input and takes no processor.
 */
public final class PeerProcess implements AutoCloseable {
    private static final int SECONDS_TO_END = 10;

    private final String name;
    private final Process process;
    private final Path log;
    private final BufferedWriter toIt;
    private final BufferedReader fromIt;

    private PeerProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.toIt = process.outputWriter(StandardCharsets.UTF_8);
        this.fromIt = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts a process.
     *
     * @param name as messages have it
     * @param environment what its environment has beside this process's
     * @param log where its standard error goes
     */
    public static PeerProcess start(String name, List<String> command, Map<String, String> environment, Path log) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.to(log.toFile()));
            builder.environment().putAll(environment);
            Process process = builder.start();
            return new PeerProcess(name, process, log);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCodes.FAILED, name + " could not be started by '" + command.get(0) + "': " + e, e);
        }
    }

    /**
     * Tells it to do something and waits for the answer.
     *
     * @param answer the word that the answer is to begin with
     * @return the rest of the answer
     */
    public String ask(String command, String answer) {
        try {
            toIt.write(command);
            toIt.newLine();
            toIt.flush();
            String line = fromIt.readLine();
            if (line == null) {
                throw failure(command, "it ended");
            }
            if (!line.startsWith(answer + " ")) {
                throw failure(command, "it said '" + line + "'");
            }
            return line.substring(answer.length() + 1);
        } catch (IOException e) {
            throw failure(command, e.toString());
        }
    }

    String name() {
        return name;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    private CommandFailure failure(String command, String what) {
        return new CommandFailure(
                ExitCodes.FAILED,
                name + " did not do '" + command + "': " + what + "; its messages are in " + log + last());
    }

    private String last() {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.isEmpty() ? "" : ", the last: " + lines.get(lines.size() - 1);
        } catch (IOException e) {
            return " (" + e + ")";
        }
    }

    /** Ends the process: at the end of its input it ends by itself. */
    @Override
    public void close() {
        try (toIt;
                fromIt) {
            toIt.close();
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly(); // it has ended, or will now
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
