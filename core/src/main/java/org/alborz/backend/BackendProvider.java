package org.alborz.backend;

/** Finds out whether a backend can run here, and opens it; looked up with {@link java.util.ServiceLoader}. */
public interface BackendProvider {
    /** Returns the name that a user asks for, such as {@code cpu-vector}. */
    String name();

    /** Returns the rank among the usable backends: {@code auto} takes the highest. */
    int priority();

    /** Tells whether the backend can run here. Never throws, and loads no native library into a JVM that cannot use it. */
    Probe probe();

    /** Opens the backend; called only after a probe that found it usable. */
    Backend open(BackendOptions options);
}
