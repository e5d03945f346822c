package org.alborz.cuda.graph;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.Recorder;
import org.alborz.backend.Recording;
import org.alborz.cuda.driver.Graph;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.cuda.memory.Reserve;
import org.alborz.cuda.ops.RandomAdvance;

/** Records work as CUDA graphs. What the work allocates comes from a reserve of its own, so that replays find it where it was. */
public final class GraphRecorder implements Recorder, AutoCloseable {
    private final Stream stream;
    private final DevicePool pool;
    private final RandomAdvance advance;
    private final List<GraphRecording> open = new ArrayList<>();
    private boolean recording;

    public GraphRecorder(Stream stream, DevicePool pool, RandomAdvance advance) {
        this.stream = stream;
        this.pool = pool;
        this.advance = advance;
    }

    @Override
    public Recording record(Runnable work) {
        requireNotRecording("record inside a recording");
        Reserve reserve = pool.beginReserve();
        recording = true;
        try {
            GraphRecording made = new GraphRecording(Graph.record(stream, work), reserve);
            open.add(made);
            return made;
        } catch (RuntimeException | Error e) {
            reserve.close();
            throw e;
        } finally {
            recording = false;
            pool.endReserve();
        }
    }

    /**
     * Refuses what would spoil a recording.
     *
     * @param action what was asked for, as in "upload"
     */
    public void requireNotRecording(String action) {
        if (recording) {
            throw new IllegalStateException("Cannot " + action + ": the work on the device is being recorded, and only"
                    + " operations on the device can be. Do it before or after.");
        }
    }

    /** Closes every recording that is still open. */
    @Override
    public void close() {
        try (Resources all = new Resources()) {
            open.forEach(all::add);
        }
    }

    private final class GraphRecording implements Recording {
        private final Graph graph;
        private final Reserve reserve;

        GraphRecording(Graph graph, Reserve reserve) {
            this.graph = graph;
            this.reserve = reserve;
        }

        @Override
        public void replay(long counters) {
            requireNotRecording("replay");
            advance.set(counters);
            try {
                graph.launch();
            } finally {
                advance.set(0);
            }
        }

        @Override
        public void close() {
            if (open.remove(this)) {
                try (reserve;
                        graph) {
                    // A replay may still run.
                    stream.synchronize();
                }
            }
        }
    }
}
