package org.alborz.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import picocli.CommandLine.Option;

/** The options that choose what to compute on. */
final class BackendOption {
    private static final int MOST_THREADS = 4_096;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = Backends.AUTO,
            description = "auto, cpu-vector, cpu-scalar or cuda (default: auto, the fastest that can run).")
    private String name;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of a CPU backend (default: one for each processor). Results do not depend on it.")
    private Integer threads;

    @Option(
            names = "--device",
            paramLabel = "N",
            description =
                    "Which GPU, counted from 0 (default: 0, in a group of processes LOCAL_RANK); ./alborz doctor lists them.")
    private Integer device;

    @Option(
            names = "--tf32",
            description =
                    "Let a GPU round the factors of float32 products and convolutions to TF32: faster on tensor cores, 10 bits"
                            + " of fraction in place of 23 (default: off). CPU backends do not look at it.")
    private boolean tf32;

    @Option(
            names = "--algorithms",
            paramLabel = "FILE",
            description =
                    "Let a GPU try cuDNN's algorithms once for each shape of a convolution and keep the fastest of the deterministic"
                            + " ones in FILE (default: cuDNN's heuristics choose). Give the same file to resume with the same bits. CPU"
                            + " backends do not look at it.")
    private Path algorithms;

    /** Refuses values that cannot be meant, before anything else is done. */
    void check() {
        if (threads != null) {
            OptionChecks.count("--threads", threads, MOST_THREADS);
        }
        if (device != null) {
            OptionChecks.index("--device", device);
        }
    }

    /** Opens a float32 session on the chosen backend. */
    Session open() {
        return open(threads);
    }

    /** Opens one of several sessions at a time, which share the processors unless the threads of each were given. */
    Session openOneOf(int sessions) {
        return open(
                threads != null || sessions == 1
                        ? threads
                        : Integer.valueOf(Math.max(1, Runtime.getRuntime().availableProcessors() / sessions)));
    }

    /** Opens that of one of several processes, which share this machine's processors and take a GPU each, unless told otherwise. */
    Session openIn(RankGroup group) {
        if (device == null && name.equals("cuda")) {
            device = group.localRank();
        }
        return openOneOf(group.onThisMachine());
    }

    private Session open(Integer threadCount) {
        check();
        BackendOptions options = BackendOptions.defaults().withDevice(device == null ? 0 : device);
        if (threadCount != null) {
            options = options.withThreads(threadCount);
        }
        if (algorithms != null) {
            options = options.withAlgorithms(algorithms);
        }
        try {
            return Session.open(name, tf32 ? options.withTf32() : options, DType.FLOAT32);
        } catch (IllegalArgumentException e) { // such as a device that the backend does not have
            throw new CommandFailure(ExitCodes.USAGE, e.getMessage(), e);
        }
    }

    /**
     * Returns the values of the other options than the backend's name, by the names of the options; null for those that were not given. A file has
     * its whole path, which means the same wherever a later command is started.
     */
    Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("threads", threads);
        options.put("device", device == null ? 0 : device);
        options.put("tf32", tf32);
        options.put(
                "algorithms",
                algorithms == null
                        ? null
                        : algorithms.toAbsolutePath().normalize().toString());
        return options;
    }

    static String describe(Session session) {
        return session.backend().name() + " (" + session.backend().device() + ")";
    }
}
