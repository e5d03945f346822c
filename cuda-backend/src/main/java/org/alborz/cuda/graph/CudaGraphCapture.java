package org.alborz.cuda.graph;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.GraphCapture;
import org.alborz.backend.Operand;
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

    /** What the graph that is being captured uses beside the backend. */
    private Object user;

    public CudaGraphCapture(Stream stream, DevicePool pool, RandomAdvance advance) {
        this.stream = stream;
        this.pool = pool;
        this.advance = advance;
    }

    @Override
    public CapturedGraph capture(Runnable work) {
        requireNotCapturing("capture inside a capture");
        advance.set(0, null);
        Reserve reserve = pool.beginReserve();
        capturing = true;
        user = null;
        try {
            Captured made = new Captured(Graph.capture(stream, work), reserve, user);
            open.add(made);
            return made;
        } catch (RuntimeException | Error e) {
            pool.freePostponed(); // of work that was kept back and is not done
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

    /** Notes that the graph that is being captured uses something that ends before the backend: {@link #closeThoseWith} closes the graph then. */
    public void uses(Object thing) {
        user = thing;
    }

    /** Closes the captured graphs that use something. */
    public void closeThoseWith(Object thing) {
        close(open.stream().filter(graph -> graph.user == thing).toList());
    }

    /** Closes every captured graph that is still open. */
    @Override
    public void close() {
        close(open);
    }

    private static void close(List<Captured> graphs) {
        try (Resources all = new Resources()) {
            graphs.forEach(all::add);
        }
    }

    private final class Captured implements CapturedGraph {
        private final Graph graph;
        private final Reserve reserve;
        private final Object user;

        Captured(Graph graph, Reserve reserve, Object user) {
            this.graph = graph;
            this.reserve = reserve;
            this.user = user;
        }

        @Override
        public void replay(long counters, Operand numbers, double... values) {
            requireNotCapturing("replay");
            if (!open.contains(this)) {
                throw new IllegalStateException(
                        "A captured graph was replayed after it was closed, or what it uses, such as a group of ranks; capture another one");
            }
            advance.set(counters, numbers, values);
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
