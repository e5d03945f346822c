package org.alborz.gpucheck;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.alborz.backend.Backend;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.GraphCapture;
import org.alborz.backend.Operand;

/** Counts replays: a trainer that cannot capture continues without, and its results would be equal for the wrong reason. */
final class GraphCaptureSpy {
    private final Backend backend;
    private final AtomicLong replays = new AtomicLong();

    private GraphCaptureSpy(Backend real) {
        backend = DelegatingBackend.of(
                real, Map.of("graphCapture", arguments -> real.graphCapture().map(this::counting)));
    }

    /** Looks at what a session does with a backend by {@link #backend}. */
    static GraphCaptureSpy on(Backend real) {
        return new GraphCaptureSpy(real);
    }

    Backend backend() {
        return backend;
    }

    long replays() {
        return replays.get();
    }

    private GraphCapture counting(GraphCapture real) {
        return work -> {
            CapturedGraph graph = real.capture(work);
            return new CapturedGraph() {
                @Override
                public void replay(long advance, Operand numbers, double... values) {
                    replays.incrementAndGet();
                    graph.replay(advance, numbers, values);
                }

                @Override
                public void close() {
                    graph.close();
                }
            };
        };
    }
}
