package org.alborz.gpucheck;

import java.util.Optional;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/** A backend by its name, opened anew as often as wanted. */
interface Subject {
    Backend open(BackendOptions options);

    /**
     * Returns a backend of the class path.
     *
     * @throws org.alborz.backend.BackendUnavailableException on opening, when it cannot run; never another one instead
     */
    static Subject named(String name) {
        Backends backends = Backends.find();
        return options -> backends.open(name, options);
    }

    /** Opens a session of the backend's first device, without TF32. */
    default Session session(DType dtype) {
        return session(dtype, BackendOptions.defaults());
    }

    default Session session(DType dtype, BackendOptions options) {
        Backend backend = open(options);
        try {
            return Session.of(backend, dtype);
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
    }

    /** Returns why a type cannot be used, or nothing where it can. */
    default Optional<String> refuses(DType dtype) {
        try (Backend backend = open(BackendOptions.defaults())) {
            return backend.refuses(dtype);
        }
    }
}
