package org.alborz.cuda.graph;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.GraphCapture;
import org.alborz.cuda.driver.Graph;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.cuda.memory.Reserve;
import org.alborz.cuda.ops.RandomAdvance;

/** Captures work as CUDA graphs. What the work allocates comes from a reserve of its own, so that replays find it where it was. */
public final class CudaGraphCapture implements GraphCapture, AutoCloseable {
    private final Stream stream;
    private final DevicePool pool;
    private final RandomAdvance advance;
    private final List<Captured> open = new ArrayList<>();
    private boolean capturing;

    public CudaGraphCapture(Stream stream, DevicePool pool, RandomAdvance advance) {
        this.stream = stream;
        this.pool = pool;
        this.advance = advance;
    }

    @Override
    public CapturedGraph capture(Runnable work) {
        requireNotCapturing("capture inside a capture");
        advance.set(0);
        Reserve reserve = pool.beginReserve();
        capturing = true;
        try {
            Captured made = new Captured(Graph.capture(stream, work), reserve);
            open.add(made);
            return made;
        } catch (RuntimeException | Error e) {
            reserve.close();
            throw e;
        } finally {
            capturing = false;
            pool.endReserve();
        }
    }

    /**
     * Refuses what would invalidate a capture.
     *
     * @param action what was asked for, as in "upload"
     */
    public void requireNotCapturing(String action) {
        if (capturing) {
            throw new IllegalStateException("Cannot " + action + ": the work on the device is being captured, and only"
                    + " operations on the device can be. Do it before or after.");
        }
    }

    /** Closes every captured graph that is still open. */
    @Override
    public void close() {
        try (Resources all = new Resources()) {
            open.forEach(all::add);
        }
    }

    private final class Captured implements CapturedGraph {
        private final Graph graph;
        private final Reserve reserve;

        Captured(Graph graph, Reserve reserve) {
            this.graph = graph;
            this.reserve = reserve;
        }

        @Override
        public void replay(long counters) {
            requireNotCapturing("replay");
            advance.set(counters);
            graph.launch();
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
