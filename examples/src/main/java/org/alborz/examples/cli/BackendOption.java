package org.alborz.examples.cli;

import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import picocli.CommandLine.Option;

/** The options that choose what to compute on. */
final class BackendOption {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = Backends.AUTO,
            description = "auto, cpu-vector, cpu-scalar or cuda (default: auto, the fastest that can run).")
    private String name;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads of a CPU backend (default: one for each processor). Results do not depend on it.")
    private int threads;

    @Option(
            names = "--device",
            paramLabel = "N",
            defaultValue = "0",
            description = "Which GPU, counted from 0 (default: 0); ./alborz doctor lists them.")
    private int device;

    @Option(
            names = "--tf32",
            description =
                    "Let a GPU round the factors of float32 products and convolutions to TF32: faster on tensor cores, 10 bits"
                            + " of fraction in place of 23 (default: off). CPU backends do not look at it.")
    private boolean tf32;

    /** Opens a float32 session on the chosen backend. */
    Session open() {
        if (threads < 0) {
            throw CommandFailure.usage("--threads expects at least 1, or 0 for one for each processor, got " + threads);
        }
        BackendOptions options = BackendOptions.defaults().withThreads(threads).withDevice(device);
        return Session.open(name, tf32 ? options.withTf32() : options, DType.FLOAT32);
    }

    static String describe(Session session) {
        return session.backend().name() + " (" + session.backend().device() + ")";
    }
}
