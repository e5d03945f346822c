package org.alborz.cuda.ops;

import org.alborz.cuda.driver.Launcher;
import org.alborz.cuda.driver.Modules;
import org.alborz.cuda.driver.Stream;
import org.alborz.cuda.memory.DevicePool;

/** What the operations need to run kernels: first {@code kernels()} writes a kernel's arguments, then {@link #run} launches it. */
public final class LaunchContext {
    /** Threads of every block. */
    static final int THREADS = 256;

    /** More blocks than this a multiprocessor would only wait: every kernel continues with the next piece by itself. */
    private static final int BLOCKS_PER_MULTIPROCESSOR = 16;

    private final Stream stream;
    private final Launcher launcher;
    private final DevicePool pool;
    private final KernelLauncher kernels;
    private final CopyBatch copies;
    private final DelayedStep steps;

    public LaunchContext(Stream stream, Launcher launcher, Modules modules, DevicePool pool) {
        this.stream = stream;
        this.launcher = launcher;
        this.pool = pool;
        this.kernels = new KernelLauncher(launcher, modules);
        this.copies = new CopyBatch(this);
        this.steps = new DelayedStep(this);
    }

    Stream stream() {
        return stream;
    }

    DevicePool pool() {
        return pool;
    }

    Launcher launcher() {
        return launcher;
    }

    /** Returns what copies from one place on the device to another. */
    CopyBatch copies() {
        return copies;
    }

    /** Returns what takes the steps of optimizers. */
    DelayedStep steps() {
        return steps;
    }

    /** Returns what writes the arguments of kernels. */
    KernelLauncher kernels() {
        return kernels;
    }

    /** Puts the kernel on the stream with blocks enough for the work, of which each does so much at a time. */
    void run(long work, int perBlock) {
        long most = (long) stream.context().device().multiprocessors() * BLOCKS_PER_MULTIPROCESSOR;
        launcher.launch(Math.min(most, (work + perBlock - 1) / perBlock), THREADS);
    }

    /** Puts a kernel of rows on the stream. */
    void runRows(long rows, long width) {
        run(rows, RowKernel.rowsPerBlock(width));
    }

    /** Returns how many blocks can run at the same time and wait for each other; 0 where none can. */
    int togetherBlocks() {
        return stream.context().device().togetherBlocks();
    }

    /** Returns the bytes of shared memory that a block has at most. */
    int sharedBytes() {
        return stream.context().device().sharedBytes();
    }

    /**
     * Puts the kernel on the stream such that its blocks can wait for each other.
     *
     * @param sharedBytes of dynamic shared memory for each block
     */
    void runTogether(int blocks, int sharedBytes) {
        launcher.launchTogether(blocks, THREADS, sharedBytes);
    }

    /** Puts the kernel on the stream with one block. */
    void runOnce() {
        launcher.launch(1, THREADS);
    }
}
