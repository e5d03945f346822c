package org.alborz.softwarecuda;

import java.nio.file.Path;
import java.util.List;

/**
 * The software GPU of this process, as tests see it: its modes, faults to inject, and what is alive on it.
 *
 * <p>Result codes are CUDA's, for example 2 for out of memory and 719 for a failed launch.
 */
public final class SoftwareDevice {

    /**
     * Loads the driver from a folder of {@link SoftwareCuda}, so that JCuda's natives find it, and what controls it.
     *
     * @throws UnsatisfiedLinkError where the folder does not hold it, or another driver was loaded before
     */
    public SoftwareDevice(Path folder) {
        System.load(folder.resolve("libcuda.so.1").toString());
        System.load(folder.resolve("libsoftcontrol.so").toString());
    }

    /** Lets work run only where the host waits for it; otherwise it runs in the call that enqueues it. */
    public void deferred(boolean on) {
        deferred0(on);
    }

    /** Starts blocks and their threads from the last to the first, which finds some missing barriers. */
    public void reversed(boolean on) {
        reversed0(on);
    }

    /**
     * Accepts kernels, products, convolutions, fills and copies on the device, checks their arguments, and leaves them undone; new memory
     * begins as zeros, which take none of the host's until they are touched. So the calls of a large training step can be counted within seconds.
     */
    public void idle(boolean on) {
        idle0(on);
    }

    /** Leaves cuDNN without an engine for any graph of operations, as a library for another generation of GPUs. */
    public void refuseGraphs(boolean on) {
        refuseGraphs0(on);
    }

    /**
     * Makes the nth call from now fail once.
     *
     * @param call a function, such as {@code cuMemAlloc} or {@code cublasGemmEx}; {@code kernel} or {@code kernel NAME} for
     *     a kernel that fails while it runs, which breaks the context
     * @param nth counted from 1
     * @param result the code to fail with
     */
    public void inject(String call, long nth, int result) {
        inject0(call, nth, result);
    }

    /** Makes every call answer the result from now on; 0 brings the device back. */
    public void lose(int result) {
        lose0(result);
    }

    /** Sets the size of the device's memory in bytes. */
    public void limitMemory(long bytes) {
        limitMemory0(bytes);
    }

    /** Takes back modes, faults and limits. What is alive stays, as does a broken context. */
    public void reset() {
        reset0();
    }

    /** Returns how many allocations of device memory are alive. */
    public long liveAllocations() {
        return liveAllocations0();
    }

    /** Returns the bytes of device memory that are alive. */
    public long liveBytes() {
        return liveBytes0();
    }

    /** Returns how many pieces of work were enqueued and have not run. */
    public long pending() {
        return pending0();
    }

    /** Returns how many kernels ran since the process began, those of replayed graphs among them. */
    public long launches() {
        return launches0();
    }

    /** Returns what is alive, a line each: device and pinned memory, and the counts of streams, events, modules and graphs. */
    public List<String> leaks() {
        return leaks0().lines().toList();
    }

    /** Returns, in words, what went wrong last. */
    public String message() {
        return message0();
    }

    private static native void deferred0(boolean on);

    private static native void reversed0(boolean on);

    private static native void idle0(boolean on);

    private static native void refuseGraphs0(boolean on);

    private static native void inject0(String call, long nth, int result);

    private static native void lose0(int result);

    private static native void limitMemory0(long bytes);

    private static native void reset0();

    private static native long liveAllocations0();

    private static native long liveBytes0();

    private static native long pending0();

    private static native long launches0();

    private static native String leaks0();

    private static native String message0();
}
