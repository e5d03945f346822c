package org.alborz.gpucheck;

import java.util.Optional;
import java.util.function.Function;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/** A backend by its name, opened as often as needed. */
record Subject(String name, Function<BackendOptions, Backend> opener) {
    private static final String CPU = "cpu-";

    /**
     * Returns a backend of the class path.
     *
     * @throws org.alborz.backend.BackendUnavailableException on opening, when it cannot run; never another one instead
     */
    static Subject named(String name) {
        Backends backends = Backends.find();
        return new Subject(name, options -> backends.open(name, options));
    }

    /** Tells whether it computes on the CPU, where TF32 and a device's memory are nothing. */
    boolean isCpu() {
        return name.startsWith(CPU);
    }

    Backend open(BackendOptions options) {
        return opener.apply(options);
    }

    /** Opens a session of the backend's first device, without TF32. */
    Session session(DType dtype) {
        return session(dtype, BackendOptions.defaults());
    }

    Session session(DType dtype, BackendOptions options) {
        Backend backend = open(options);
        try {
            return Session.of(backend, dtype);
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
    }

    /** Returns why a type cannot be used, or nothing where it can. */
    Optional<String> refuses(DType dtype) {
        try (Backend backend = open(BackendOptions.defaults())) {
            return backend.refuses(dtype);
        }
    }
}
