package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.DType;
import org.junit.jupiter.api.Assumptions;

/** The sessions of one conformance run, one for each data type, all with poisoned memory; each check must give back its memory. */
final class Sessions implements AutoCloseable {
    static final List<DType> FLOATING = List.of(DType.FLOAT32, DType.FLOAT64);

    private static final BackendOptions OPTIONS = BackendOptions.defaults().withPoison();

    private final Function<BackendOptions, Backend> factory;
    private final Map<DType, Session> open = new EnumMap<>(DType.class);

    Sessions(Function<BackendOptions, Backend> factory) {
        this.factory = factory;
    }

    /** Opens a session of its own with the given number of threads, to be closed by the caller. */
    Session openNew(DType dtype, int threads) {
        return open(dtype, OPTIONS.withThreads(threads));
    }

    /** Runs a check in a scope of the shared session and fails if memory is in use afterwards that was not before. */
    void run(DType dtype, Consumer<Session> check) {
        Session session = open.get(dtype);
        if (session == null) {
            session = open(dtype, OPTIONS);
            open.put(dtype, session);
        }
        session.moveToThisThread();
        TensorAccess.releaseConstants(session);
        long before = session.memory().used();
        try (Scope scope = session.scope("check")) {
            check.accept(session);
        }
        session.backend().synchronize();
        TensorAccess.releaseConstants(session);
        assertThat(session.memory().used())
                .as("bytes in use after the check, when all its tensors are closed")
                .isEqualTo(before);
    }

    /** Returns why the backend does not take a type, or null where it does. */
    String refusal(DType dtype) {
        try (Backend backend = factory.apply(OPTIONS)) {
            return backend.refuses(dtype).orElse(null);
        }
    }

    private Session open(DType dtype, BackendOptions options) {
        Backend backend = factory.apply(options);
        backend.refuses(dtype).ifPresent(reason -> {
            backend.close();
            assertThat(dtype).as("a backend computes in float32").isNotEqualTo(DType.FLOAT32);
            Assumptions.abort(backend.name() + " refuses " + dtype + ": " + reason);
        });
        return Session.of(backend, dtype);
    }

    /** Closes the sessions and fails if a backend still counts memory in use. */
    @Override
    public void close() {
        for (Session session : open.values()) {
            session.moveToThisThread();
            long used = session.memory().used();
            session.close();
            assertThat(used)
                    .as("bytes in use after all checks on %s", session.backend().name())
                    .isZero();
        }
        open.clear();
    }
}
