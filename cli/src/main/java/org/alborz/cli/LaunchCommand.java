package org.alborz.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.alborz.distributed.World;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains by several processes on this machine. */
@Command(
        name = "launch",
        description = {
            "Starts several processes of train on this machine, which train together: each computes its share of the batches, and"
                    + " all make the same steps.",
            "A step is of as many batches as there are ranks. Rank 0 prints and writes as train does; the lines of the others begin with"
                    + " their rank. When one ends by a failure, all end, with its exit code. Schedulers can start the processes"
                    + " themselves: train reads RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT, LOCAL_RANK and LOCAL_WORLD_SIZE, as torchrun"
                    + " sets them, and the secret ALBORZ_TOKEN."
        },
        footer = {
            "",
            "Examples:",
            "  ./alborz launch --ranks 2 train mlp --backend cpu-vector",
            "  ./alborz launch --ranks 2 train --resume --out runs/NAME    with as many ranks as before"
        })
final class LaunchCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(LaunchCommand.class);

    /** How long a rank waits for the others unless told otherwise. */
    static final int SECONDS = 600;

    private static final int MOST_RANKS = 256;
    private static final int MOST_PORT = 65_535;
    private static final int MOST_SECONDS = 1_000_000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--ranks", paramLabel = "N", required = true, description = "How many processes train together.")
    private int ranks;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Where they meet, on this machine (default: a port that is free, which rank 0 takes).")
    private Integer port;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "" + SECONDS,
            description = "How long a rank waits for one that does not answer (default: " + SECONDS + ").")
    private int timeout;

    @Option(
            names = "--log-dir",
            paramLabel = "DIR",
            description = "Add what ranks from 1 on print to DIR/rank1.log and so on (default: to standard error).")
    private Path logs;

    @Option(
            names = "--keystore",
            paramLabel = "FILE",
            description =
                    "Encrypt what passes between the ranks by TLS, with the key of this PKCS #12 file, whose password is in the"
                            + " environment variable " + RankGroup.KEY_STORE_PASSWORD + " (default: not encrypted).")
    private Path keyStore;

    @Mixin
    private JsonOption json;

    /** What {@code --json} holds; train's own, behind {@code train}, holds the figures. */
    record Report(int ranks, List<String> command, int exitCode, double seconds) {}

    @Parameters(
            paramLabel = "train ...",
            arity = "1..*",
            description = "The command of each process, with its options.")
    private List<String> words;

    @Override
    public Integer call() {
        json.check();
        OptionChecks.count("--ranks", ranks, MOST_RANKS);
        OptionChecks.count("--timeout", timeout, MOST_SECONDS);
        if (port != null) {
            OptionChecks.count("--port", port, MOST_PORT);
        }
        if (!words.get(0).equals("train")) {
            boolean command = spec.parent().subcommands().containsKey(words.get(0));
            throw CommandFailure.usage("launch starts train, got '" + words.get(0) + "'; try: ./alborz "
                    + (command ? "" : "launch --ranks " + ranks + " train ") + String.join(" ", words));
        }
        if (keyStore != null && !Files.isRegularFile(keyStore)) {
            throw CommandFailure.usage("--keystore expects a file, got " + keyStore);
        }
        json.requireNone(keyStore == null ? List.of() : List.of(keyStore));
        json.requireNone(reports());
        if (logs != null) {
            WritablePlace.requireFolder("--log-dir", logs);
            make(logs);
        }
        Map<String, String> group = new TreeMap<>();
        group.put(RankGroup.WORLD_SIZE, Integer.toString(ranks));
        group.put(RankGroup.LOCAL_WORLD_SIZE, Integer.toString(ranks));
        group.put(RankGroup.MASTER_ADDR, "127.0.0.1");
        group.put(RankGroup.MASTER_PORT, Integer.toString(port == null ? 0 : port));
        group.put(RankGroup.TOKEN, World.newToken());
        group.put(RankGroup.TIMEOUT, Integer.toString(timeout));
        group.put(RankGroup.LAUNCHER, Long.toString(ProcessHandle.current().pid()));
        if (keyStore != null) {
            group.put(RankGroup.KEY_STORE, keyStore.toAbsolutePath().toString());
        }
        try (Meeting meeting = port == null ? Meeting.open(group) : null;
                RankProcesses processes = new RankProcesses(
                        command(), group, logs, spec.commandLine().getErr(), RankProcesses.Patience.USUAL)) {
            long start = System.nanoTime();
            processes.start(ranks);
            int exitCode = processes.await();
            json.write(new Report(ranks, words, exitCode, (System.nanoTime() - start) * 1e-9));
            return exitCode;
        }
    }

    /** Returns the files that the ranks' own {@code --json} names. */
    private List<Path> reports() {
        List<Path> files = new ArrayList<>();
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            if (word.startsWith("--json=")) {
                files.add(Path.of(word.substring("--json=".length())));
            } else if (word.equals("--json") && i + 1 < words.size()) {
                files.add(Path.of(words.get(i + 1)));
            }
        }
        return files;
    }

    /** Returns what starts this program with the options that this JVM was started with. */
    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Alborz.class.getName()));
        command.addAll(words);
        return command;
    }

    private static void make(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw CommandFailure.unwritable(folder, e);
        }
    }

    /** A folder for the file in which rank 0 tells the others the port that it has taken. */
    private record Meeting(Path folder, Path file) implements AutoCloseable {
        static Meeting open(Map<String, String> group) {
            try {
                Path folder = Files.createTempDirectory("alborz-launch");
                Meeting meeting = new Meeting(folder, folder.resolve("port"));
                group.put(RankGroup.MEETING, meeting.file.toString());
                return meeting;
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCodes.FAILED,
                        "A folder for temporary files, by which the ranks find each other, cannot be made: " + e
                                + "; choose a port with --port",
                        e);
            }
        }

        @Override
        public void close() {
            try {
                Files.deleteIfExists(file);
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                log.debug("{} could not be deleted: {}", folder, e.toString());
            }
        }
    }
}
