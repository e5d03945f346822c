package org.alborz.cli;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Alborz against PyTorch and OpenBLAS: each a process of its own, taking turns.
 *
 * <p>In each round both do the work, one directly after the other and in the next round the other way about, so that a machine that
 * slows down slows both; the ratio is taken round by round.
 */
final class PeerContest implements AutoCloseable {
    /**
     * Lets native libraries have huge pages, as ./alborz has: PyTorch's tensors by the first, what malloc gives by the second; and has malloc keep
     * what was freed. With its defaults malloc gives large blocks back to the system, so that PyTorch gets each tensor's pages again, zeroed, which
     * can take longer than the operation (Alborz has a pool). Not where memory is measured, which they would only enlarge.
     */
    private static final Map<String, String> MEMORY = Map.of(
            "THP_MEM_ALLOC_ENABLE",
            "1",
            "GLIBC_TUNABLES",
            "glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=1099511627776"
                    + ":glibc.malloc.top_pad=268435456:glibc.malloc.arena_max=1");

    /** Set by the launcher: the folder that the Maven profile {@code peers} builds into. */
    private static final String FOLDER = "ALBORZ_PEERS";

    private static final String PACKAGE = "org.alborz.benchmarks.peers.";
    private static final String FOR_START = "train-cifar-cnn-128";

    /** What the memory is read after. */
    private static final int STEPS_FOR_MEMORY = 100;

    /** A new process each is slow, and what it is asked for varies little. */
    private static final int MOST_STARTS = 5;

    private static final int MOST_MEMORY_RUNS = 3;

    /** After a turn the threads of OpenMP and OpenBLAS wait actively, for some 5 and 25 ms; the other is not to feel it. */
    private static final long PAUSE_MILLIS = 100;

    /** A function of a matrix takes about a millisecond, so its turns are shorter by this factor. */
    private static final double ELEMENTS_SHORTER = 5;

    /** How many repetitions' time a contestant warms up for. */
    private static final int WARM_UP = 5;

    private final Path folder;
    private final String classPath;
    private final Path exchange;

    /** The classes of our contestant, ready to use, as the launcher has such an archive of the command line's. */
    private final Path archive;

    private final int repetitions;
    private final double seconds;
    private final Map<String, String> notes = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> engines = new LinkedHashMap<>();

    /** The two that compute functions of a matrix, one after the other; null until the first. */
    private PeerProcess ourRows;

    private PeerProcess peerRows;

    private PeerContest(Path folder, String classPath, Path exchange, int repetitions, double seconds) {
        this.folder = folder;
        this.classPath = classPath;
        this.exchange = exchange;
        this.archive = folder.resolve("contestant.jsa");
        this.repetitions = repetitions;
        this.seconds = seconds;
    }

    /**
     * Finds what the launcher has built.
     *
     * @param seconds how long a turn lasts at least
     */
    static PeerContest of(int repetitions, double seconds) {
        String where = System.getenv(FOLDER);
        if (where == null) {
            throw new CommandFailure(
                    ExitCodes.FAILED,
                    "--peers needs PyTorch and OpenBLAS, which are no part of Alborz; start it by ./alborz bench --peers in"
                            + " a clone, which builds and fetches what is missing");
        }
        Path folder = Path.of(where);
        try {
            String dependencies = Files.readString(folder.resolve("classpath")).strip();
            Path exchange = Files.createDirectories(folder.resolve("exchange"));
            String classPath = folder.resolve("alborz-benchmarks.jar") + File.pathSeparator + dependencies;
            return new PeerContest(folder, classPath, exchange, repetitions, seconds);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCodes.FAILED,
                    "The peers' build in " + folder + " cannot be used (" + e + "); delete the folder and start again",
                    e);
        }
    }

    /** Says in a line how it is measured. */
    String methodInWords() {
        return "in turn, " + repetitions + " rounds of " + seconds + " s or more each (functions of a matrix: "
                + seconds(true) + " s), median of the rounds' ratios";
    }

    /** Returns how it is measured. */
    PeerReport.Method method() {
        List<String> options = ourOptions().stream()
                .filter(option -> !option.startsWith("-XX:CompileCommand="))
                .toList();
        return new PeerReport.Method(repetitions, seconds, seconds(true), options, MEMORY);
    }

    /** Returns what each engine that took part says of itself. */
    Map<String, Map<String, String>> engines() {
        return engines;
    }

    /** Returns the works with those that stand for many functions of a matrix replaced by these. */
    List<PeerWork> each(List<PeerWork> works) {
        return works.stream()
                .flatMap(work -> work.each(this::functions).stream())
                .distinct()
                .toList();
    }

    private List<String> functions() {
        return List.of(ourRows().ask("functions", "functions").split(","));
    }

    private PeerProcess ourRows() {
        if (ourRows == null) {
            ourRows = startOurs(List.of());
        }
        return ourRows;
    }

    /** Lets both do a work in turn. */
    PeerRatio compare(PeerWork work) {
        if (work.isElementwise()) {
            if (peerRows == null) {
                peerRows = startPeer(work);
            }
            return compareRunning(work, ourRows(), peerRows);
        }
        return switch (work.name()) {
            case PeerWork.START -> compareNew(work, Math.min(repetitions, MOST_STARTS), 1);
            case PeerWork.MEMORY -> compareNew(work, Math.min(repetitions, MOST_MEMORY_RUNS), STEPS_FOR_MEMORY);
            default -> compareRunning(work);
        };
    }

    /** Returns how each work was done, by its name. */
    Map<String, String> notes() {
        return notes;
    }

    private PeerRatio compareRunning(PeerWork work) {
        try (PeerProcess ours = startOurs(List.of());
                PeerProcess peer = startPeer(work)) {
            return compareRunning(work, ours, peer);
        }
    }

    private PeerRatio compareRunning(PeerWork work, PeerProcess ours, PeerProcess peer) {
        PeerRatio ratio = new PeerRatio(work);
        double turn = seconds(work.isElementwise());
        tell(ours);
        tell(peer);
        String prepare = "prepare " + work.name() + " " + WARM_UP * turn + " " + exchange;
        String ourNote = ours.ask(prepare, "ready"); // first: it leaves what the peer begins with, or is to agree with
        String peerNote = peer.ask(prepare, "ready");
        pause();
        CpuContention contention = CpuContention.watch(ours.handle(), peer.handle());
        for (int round = 0; round < repetitions; round++) {
            add(ratio, round, () -> rate(ours, turn), () -> rate(peer, turn));
        }
        ratio.others(contention.share());
        if (!work.isElementwise()) {
            notes.put(work.name(), ourNote + "; " + peerNote + "; " + ratio.remark());
        }
        return ratio;
    }

    private double seconds(boolean ofElements) {
        return ofElements ? seconds / ELEMENTS_SHORTER : seconds;
    }

    private static double rate(PeerProcess process, double seconds) {
        return Double.parseDouble(process.ask("run " + seconds, "rate"));
    }

    /** Notes what an engine says of itself, once. */
    private void tell(PeerProcess process) {
        if (!engines.containsKey(process.name())) {
            engines.put(process.name(), facts(process.ask("about", "about")));
        }
    }

    /** Reads {@code name=value} pairs that are separated by semicolons. */
    static Map<String, String> facts(String text) {
        Map<String, String> facts = new LinkedHashMap<>();
        for (String fact : text.split(";")) {
            int equals = fact.indexOf('=');
            if (equals < 1) {
                throw new CommandFailure(
                        ExitCodes.FAILED,
                        "An engine is to say name=value of itself, separated by ';', got '" + text + "'");
            }
            facts.put(fact.substring(0, equals), fact.substring(equals + 1));
        }
        return facts;
    }

    /** Compares what new processes take for their first steps: time or memory. */
    private PeerRatio compareNew(PeerWork work, int rounds, int steps) {
        PeerRatio ratio = new PeerRatio(work);
        // Both once before: then files are read from the disk, DJL unpacks its libraries, and our archive is made.
        measureNew(work, 1, () -> startPeer(work), CpuContention.watch());
        measureNew(work, 1, () -> startOurs(List.of("-XX:ArchiveClassesAtExit=" + archive)), CpuContention.watch());
        List<String> archived = Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive) : List.of();
        CpuContention contention = CpuContention.watch();
        for (int round = 0; round < rounds; round++) {
            add(
                    ratio,
                    round,
                    () -> measureNew(work, steps, () -> startOurs(archived), contention),
                    () -> measureNew(work, steps, () -> startPeer(work), contention));
        }
        if (work.name().equals(PeerWork.START)) { // memory does not depend on others
            ratio.others(contention.share());
        }
        String what = steps == 1 ? "the first step" : steps + " steps";
        notes.put(work.name(), FOR_START + ", " + what + " of new processes; " + ratio.remark());
        return ratio;
    }

    private static double measureNew(
            PeerWork work, int steps, Supplier<PeerProcess> starter, CpuContention contention) {
        long start = System.nanoTime();
        try (PeerProcess process = starter.get()) {
            double mebibytes = Double.parseDouble(process.ask("train " + FOR_START + " " + steps, "trained"));
            double elapsed = (System.nanoTime() - start) * 1e-9;
            contention.ending(process.handle());
            return work.name().equals(PeerWork.START) ? elapsed : mebibytes;
        }
    }

    /** Starts Alborz with the very options that the launcher gave to this JVM, but for its archive, which is of other classes. */
    private PeerProcess startOurs(List<String> more) {
        List<String> options = new ArrayList<>(ourOptions());
        options.addAll(more);
        return start("Alborz", "AlborzContestant", options, Map.of());
    }

    private static List<String> ourOptions() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-XX:SharedArchiveFile="))
                .toList();
    }

    private PeerProcess startPeer(PeerWork work) {
        // The least of a JVM: the peers' work is done outside of Java.
        List<String> options = new ArrayList<>(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        if (work.isProduct()) {
            return start("OpenBLAS", "blas.OpenBlasContestant", options, MEMORY);
        }
        options.add("-Dai.djl.offline=true");
        options.add("-DOPT_OUT_TRACKING=true");
        options.add("-DDJL_CACHE_DIR=" + folder.resolve("djl"));
        options.add("-Dai.djl.pytorch.num_threads=2");
        options.add("-Dai.djl.pytorch.num_interop_threads=1");
        options.add("-Dai.djl.pytorch.graph_optimizer=false");
        return start("PyTorch", "torch.TorchContestant", options, work.isRate() ? MEMORY : Map.of());
    }

    private PeerProcess start(String name, String main, List<String> options, Map<String, String> environment) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        command.addAll(List.of("-cp", classPath, PACKAGE + main));
        return PeerProcess.start(name, command, environment, folder.resolve(name + ".log"));
    }

    private interface Turn {
        double take();
    }

    private static void add(PeerRatio ratio, int round, Turn ours, Turn peer) {
        double our = 0;
        double theirs = 0;
        for (int turn = 0; turn < 2; turn++) {
            if (turn == round % 2) {
                our = ours.take();
            } else {
                theirs = peer.take();
            }
            pause();
        }
        ratio.add(our, theirs);
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCodes.INTERRUPTED, "The contest was interrupted", e);
        }
    }

    @Override
    public void close() {
        try (PeerProcess ours = ourRows;
                PeerProcess peer = peerRows) {
            ourRows = null;
            peerRows = null;
        }
    }
}
