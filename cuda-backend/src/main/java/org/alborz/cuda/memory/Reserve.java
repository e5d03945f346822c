package org.alborz.cuda.memory;

/** Blocks that captured work uses each time it is replayed; closing it gives them back to the pool. */
public final class Reserve implements AutoCloseable {
    private final DevicePool pool;
    private final Arena arena;

    Reserve(DevicePool pool, Arena arena) {
        this.pool = pool;
        this.arena = arena;
    }

    @Override
    public void close() {
        pool.dissolve(arena);
    }
}
