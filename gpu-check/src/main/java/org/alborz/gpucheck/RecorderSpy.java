package org.alborz.gpucheck;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.alborz.backend.Backend;
import org.alborz.backend.Recorder;
import org.alborz.backend.Recording;

/** Counts replays: a trainer that cannot record goes on without, and its results would be equal for the wrong reason. */
final class RecorderSpy {
    private final Backend backend;
    private final AtomicLong replays = new AtomicLong();

    private RecorderSpy(Backend real) {
        backend = OtherwiseBackend.of(
                real, Map.of("recorder", arguments -> real.recorder().map(this::counting)));
    }

    /** Looks at what a session does with a backend by {@link #backend}. */
    static RecorderSpy on(Backend real) {
        return new RecorderSpy(real);
    }

    Backend backend() {
        return backend;
    }

    long replays() {
        return replays.get();
    }

    private Recorder counting(Recorder real) {
        return work -> {
            Recording recording = real.record(work);
            return new Recording() {
                @Override
                public void replay(long advance) {
                    replays.incrementAndGet();
                    recording.replay(advance);
                }

                @Override
                public void close() {
                    recording.close();
                }
            };
        };
    }
}
