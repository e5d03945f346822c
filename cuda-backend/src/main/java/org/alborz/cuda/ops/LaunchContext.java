package org.alborz.cuda.ops;

import org.alborz.cuda.driver.Kernel;
import org.alborz.cuda.driver.Launcher;
import org.alborz.cuda.driver.Modules;
import org.alborz.cuda.driver.Stream;
import org.alborz.cuda.memory.DevicePool;

/** What every family needs to run kernels. */
public record LaunchContext(Stream stream, Launcher launcher, Modules modules, DevicePool pool) {
    /** Threads of every block. */
    static final int THREADS = 256;

    /** More blocks than this a multiprocessor would only wait: every kernel goes on with the next piece by itself. */
    private static final int BLOCKS_PER_MULTIPROCESSOR = 16;

    TypedKernel kernel(String name) {
        return new TypedKernel(modules, name);
    }

    /** Begins a launch. */
    Launcher launch(Kernel kernel) {
        return launcher.kernel(kernel);
    }

    /** Puts the kernel on the stream with blocks enough for the work, of which each does so much at a time. */
    void run(long work, int perBlock) {
        long most = (long) stream.context().device().multiprocessors() * BLOCKS_PER_MULTIPROCESSOR;
        launcher.launch(Math.min(most, (work + perBlock - 1) / perBlock), THREADS);
    }
}
