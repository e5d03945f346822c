package org.alborz.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.alborz.cuda.NcclCollective;
import org.alborz.distributed.Collective;
import org.alborz.distributed.TcpCollective;
import org.alborz.distributed.TcpRendezvous;
import org.alborz.distributed.World;
import org.alborz.tensor.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes that this one trains with: those that the environment tells of, with torchrun's variables, or none. */
final class RankGroup implements AutoCloseable {
    static final String RANK = "RANK";
    static final String WORLD_SIZE = "WORLD_SIZE";
    static final String MASTER_ADDR = "MASTER_ADDR";
    static final String MASTER_PORT = "MASTER_PORT";
    static final String LOCAL_RANK = "LOCAL_RANK";
    static final String LOCAL_WORLD_SIZE = "LOCAL_WORLD_SIZE";
    static final String TOKEN = "ALBORZ_TOKEN";
    /** A file that rank 0 writes the port to that it has taken, where none was chosen before. */
    static final String MEETING = "ALBORZ_MEETING";

    static final String TIMEOUT = "ALBORZ_TIMEOUT";
    static final String LAUNCHER = "ALBORZ_LAUNCHER";
    static final String KEY_STORE = "ALBORZ_KEYSTORE";
    static final String KEY_STORE_PASSWORD = "ALBORZ_KEYSTORE_PASSWORD";

    private static final Logger log = LoggerFactory.getLogger(RankGroup.class);
    private static final int MOST_SECONDS = 1_000_000;
    private static final long POLL_MILLIS = 20;

    private final Map<String, String> environment;

    /** Null where this process trains alone. */
    private final World world;

    /** Null until it has joined, and for a process alone. */
    private Collective collective;

    /** The same group where devices exchange gradients; else null. */
    private NcclCollective devices;

    /**
     * The run that rank 0 has prepared.
     *
     * @param checkpoint to go on from; null to start
     */
    record Place(RunFolder folder, Path checkpoint) {}

    private RankGroup(Map<String, String> environment, World world) {
        this.environment = environment;
        this.world = world;
    }

    /**
     * Reads the environment: a process that has a {@code RANK} and a {@code WORLD_SIZE} is one of a group; the only one of a world, as some
     * schedulers set it for each process, needs no place to meet.
     */
    static RankGroup of(Map<String, String> environment) {
        String rank = environment.get(RANK);
        String size = environment.get(WORLD_SIZE);
        boolean only = size != null
                && size.strip().equals("1")
                && rank != null
                && rank.strip().equals("0");
        boolean meets = isSet(environment, MASTER_ADDR) && isSet(environment, TOKEN);
        if (rank == null || size == null || only && !meets) {
            return new RankGroup(environment, null);
        }
        try {
            World world = World.of(environment);
            if (world.port() == 0 && !isSet(environment, MEETING)) {
                throw new IllegalArgumentException(
                        "The environment variable " + MASTER_PORT + " expects a port from 1, got 0");
            }
            return new RankGroup(environment, world);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("RANK and WORLD_SIZE are set, so this is one of several processes. "
                    + e.getMessage() + ". ./alborz launch sets all of them; unset RANK to train alone");
        }
    }

    private static boolean isSet(Map<String, String> environment, String name) {
        String value = environment.get(name);
        return value != null && !value.isBlank();
    }

    /** Tells whether this is the process that writes: rank 0, or one alone. */
    boolean isFirst() {
        return world == null || world.rank() == 0;
    }

    /** Returns the words that start such a training again, as far as this process knows. */
    String command() {
        boolean launched = environment.get(LAUNCHER) != null;
        return world != null && launched ? "./alborz launch --ranks " + world.size() + " train" : "./alborz train";
    }

    /** Returns how many processes of the group are on this machine; 1 where that is not known. */
    int onThisMachine() {
        return world == null ? 1 : number(LOCAL_WORLD_SIZE, 1, 1);
    }

    /** Returns the number of this process among those on this machine, such as of the GPU to use; 0 where that is not known. */
    int localRank() {
        return world == null ? 0 : number(LOCAL_RANK, 0, 0);
    }

    private int number(String name, int least, int unless) {
        String text = environment.get(name);
        if (text == null) {
            return unless;
        }
        if (!text.strip().matches("\\d{1,7}") || Integer.parseInt(text.strip()) < least) {
            throw CommandFailure.usage("The environment variable " + name + " expects a whole number from " + least
                    + ", got '" + text + "'");
        }
        return Integer.parseInt(text.strip());
    }

    /** Has this process end when the launcher that started it has ended, also where it has already. */
    void endWithLauncher() {
        String launcher = environment.get(LAUNCHER);
        if (world == null || launcher == null || !launcher.matches("\\d{1,18}")) {
            return;
        }
        ProcessHandle.of(Long.parseLong(launcher))
                .map(ProcessHandle::onExit)
                .orElse(CompletableFuture.completedFuture(null))
                .thenRun(() -> {
                    System.err.println(
                            "alborz: Process " + launcher + ", which launched this rank, has ended; so does the rank");
                    System.exit(ExitCodes.OTHER_RANK);
                });
    }

    /** Waits for the other processes. */
    void join() {
        if (world == null) {
            return;
        }
        boolean free = world.port() == 0;
        TcpRendezvous rendezvous = TcpCollective.rendezvous(free && !isFirst() ? world.at(awaitPort()) : world)
                .settings("train of Alborz " + Alborz.version())
                .callTimeout(timeout());
        if (isSet(environment, KEY_STORE)) {
            encrypt(rendezvous);
        }
        if (free && isFirst()) {
            takePort(rendezvous);
        }
        collective = rendezvous.join();
        if (free && isFirst()) {
            deleteMeeting();
        }
    }

    /** Deletes the file with the port, which all have read, and the folder that a launcher made for it: the launcher may be killed before it does. */
    private void deleteMeeting() {
        Path file = Path.of(environment.get(MEETING));
        try {
            Files.deleteIfExists(file);
            if (environment.get(LAUNCHER) != null) {
                Files.deleteIfExists(file.toAbsolutePath().getParent());
            }
        } catch (IOException e) {
            log.debug("{} could not be deleted: {}", file, e.toString());
        }
    }

    /** Takes a port, and writes it where the other ranks read it: the whole number or nothing. */
    private void takePort(TcpRendezvous rendezvous) {
        Path file = Path.of(environment.get(MEETING));
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.writeString(part, Integer.toString(rendezvous.bind()));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            rendezvous.unbind();
            throw new CommandFailure(
                    ExitCodes.FAILED,
                    "Rank 0 cannot tell the others by " + file + " where they meet: " + e
                            + "; choose a port with --port",
                    e);
        }
    }

    /** Waits until rank 0 has written the port that it has taken; the launcher ends this process where rank 0 has failed. */
    private int awaitPort() {
        Path file = Path.of(environment.get(MEETING));
        long deadline = System.nanoTime() + timeout().toNanos();
        try {
            while (!Files.exists(file)) {
                if (System.nanoTime() - deadline > 0) {
                    throw new CommandFailure(
                            ExitCodes.OTHER_RANK,
                            "Rank 0 has not said within " + timeout().toSeconds() + " s in " + file
                                    + " where the ranks meet");
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
            return Integer.parseInt(Files.readString(file));
        } catch (IOException | NumberFormatException e) {
            throw new CommandFailure(ExitCodes.FAILED, "The port in " + file + " cannot be read: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCodes.INTERRUPTED, "interrupted while waiting for rank 0", e);
        }
    }

    private Duration timeout() {
        return Duration.ofSeconds(Math.min(MOST_SECONDS, number(TIMEOUT, 1, LaunchCommand.SECONDS)));
    }

    /**
     * Has the devices of all ranks exchange gradients by NCCL, where that was chosen, or nothing speaks against it.
     *
     * @return what is to be closed before the session
     */
    Devices exchange(CollectiveChoice choice, Session session) {
        if (world == null || world.size() == 1) {
            return () -> {};
        }
        if (choice.isNccl(collective, session.backend().name())) {
            devices = NcclCollective.over(collective, timeout());
        }
        return () -> {
            if (devices != null) {
                devices.close();
            }
        };
    }

    /** The exchanges of the devices. */
    interface Devices extends AutoCloseable {
        @Override
        void close();
    }

    private void encrypt(TcpRendezvous rendezvous) {
        try {
            rendezvous.tls(
                    Path.of(environment.get(KEY_STORE)),
                    environment.getOrDefault(KEY_STORE_PASSWORD, "").toCharArray());
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("The environment variables " + KEY_STORE + " and " + KEY_STORE_PASSWORD
                    + " name a key store for TLS. " + e.getMessage());
        }
    }

    /** Returns null for a process alone. */
    Collective collective() {
        return devices == null ? collective : devices;
    }

    /** Tells the other ranks, as rank 0, which run it has prepared. */
    void tell(RunFolder folder) {
        if (collective != null) {
            Path checkpoint = folder.checkpoint();
            String from = checkpoint == null ? "" : checkpoint.toAbsolutePath().toString();
            collective.allGather((folder.path().toAbsolutePath() + "\n" + from).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Waits, as another rank, for what rank 0 has prepared. */
    Place hear() {
        byte[] told = collective.allGather(new byte[0]).get(0);
        String[] words = new String(told, StandardCharsets.UTF_8).split("\n", -1);
        return new Place(new RunFolder(Path.of(words[0])), words[1].isEmpty() ? null : Path.of(words[1]));
    }

    /** Says why this rank cannot go on, so that the others need not wait for it. */
    void abort(Throwable failure) {
        if (collective != null) {
            collective().abort(failure.getMessage() == null ? failure.toString() : failure.getMessage());
        }
    }

    @Override
    public void close() {
        if (collective != null) {
            collective.close();
        }
    }
}
