package org.alborz.benchmarks;

/** What the JVMs of benchmarks are started with. */
final class ForkOptions {
    /** The options that users have, of which the limits on failed class checks decide how fast vectors are; a fork runs in this module's folder. */
    static final String AS_USERS = "@../jvm.options";

    private ForkOptions() {}
}
