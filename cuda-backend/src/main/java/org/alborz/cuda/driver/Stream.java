package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import jcuda.Pointer;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.runtime.cudaStream_t;

/** Work that the device does in order, one piece after the other, while the host goes on. */
public final class Stream implements AutoCloseable {
    private final Context context;
    private final Handle handle = new Handle();
    private WorkObserver observer;
    private boolean capturing;
    private Runnable delayed;

    /** The driver's stream, whose address libraries without JCuda's types take. */
    private static final class Handle extends CUstream {
        long address() {
            return getNativePointer();
        }
    }

    /** Makes a stream that does not wait for the legacy default stream. */
    public Stream(Context context) {
        this.context = context;
        context.makeCurrent();
        Driver.check(cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    }

    public Context context() {
        return context;
    }

    CUstream handle() {
        return handle;
    }

    /** Returns the stream in the form that cuBLAS and cuDNN take. */
    public cudaStream_t forLibraries() {
        return new cudaStream_t(handle);
    }

    /** Returns the stream as a number, for libraries that are not called through JCuda. */
    public long address() {
        return handle.address();
    }

    /** Tells the observer of all work from now on, in place of the one before; null tells nobody. */
    public void observe(WorkObserver next) {
        observer = next;
    }

    /** Tells whether work is observed, so that what describes it has to be found out. */
    public boolean isObserved() {
        return observer != null;
    }

    /** Tells the observer, if there is one, of work that was put on the stream. */
    public void tell(WorkKind kind, String name, long bytes, long operations) {
        if (observer != null) {
            observer.onWork(new StreamWork(kind, name, bytes, operations, capturing));
        }
    }

    /** Keeps work back until other work comes, before which it is run; so that more of its kind can join it. Settles what was kept back before. */
    public void delay(Runnable work) {
        settle();
        delayed = work;
    }

    /** Tells whether the work is kept back still. */
    public boolean isDelayed(Runnable work) {
        return delayed == work;
    }

    /** Runs the work that is kept back; whoever puts work on the stream by another way than this class and {@link Launcher} calls it first. */
    public void settle() {
        if (delayed != null) {
            Runnable work = delayed;
            delayed = null;
            work.run();
        }
    }

    /** Forgets the work that is kept back, which other work does as well. */
    public void dropDelayed() {
        delayed = null;
    }

    /** Copies to the device; from pinned memory, the copy is made when the work before it is done. */
    public void copyToDevice(DeviceAddress to, Pointer from, long bytes) {
        settle();
        context.makeCurrent();
        Driver.check(cuMemcpyHtoDAsync(to, from, bytes, handle), "cuMemcpyHtoDAsync", bytes, "bytes");
        tell(WorkKind.UPLOAD, "upload", bytes, 0);
    }

    /** Copies to the host; the bytes are there after {@link #synchronize}. */
    public void copyToHost(Pointer to, DeviceAddress from, long bytes) {
        settle();
        context.makeCurrent();
        Driver.check(cuMemcpyDtoHAsync(to, from, bytes, handle), "cuMemcpyDtoHAsync", bytes, "bytes");
        tell(WorkKind.DOWNLOAD, "download", bytes, 0);
    }

    /** Copies from one place on the device to another; they must not overlap. */
    public void copy(DeviceAddress to, DeviceAddress from, long bytes) {
        settle();
        context.makeCurrent();
        Driver.check(cuMemcpyDtoDAsync(to, from, bytes, handle), "cuMemcpyDtoDAsync", bytes, "bytes");
        tell(WorkKind.COPY, "copy", 2 * bytes, 0);
    }

    /** Sets every group of four bytes. */
    public void fillWords(DeviceAddress at, int value, long words) {
        settle();
        context.makeCurrent();
        Driver.check(cuMemsetD32Async(at, value, words, handle), "cuMemsetD32Async", words, "words");
        tell(WorkKind.FILL, "fill", words * Integer.BYTES, 0);
    }

    /** Waits for all work on this stream, and throws what went wrong in it. */
    public void synchronize() {
        settle();
        context.makeCurrent();
        Driver.check(
                cuStreamSynchronize(handle), "cuStreamSynchronize (the fault may be in any work since the last wait)");
    }

    /** Has the work that comes later wait for a mark in another stream; where this one or the other is captured, both are from then on. */
    public void await(Event event) {
        context.makeCurrent();
        Driver.check(cuStreamWaitEvent(handle, event.handle(), 0), "cuStreamWaitEvent");
    }

    /** Tells whether work is captured instead of being done. */
    public boolean isCapturing() {
        return capturing;
    }

    /** Begins to capture work instead of doing it; memory and kernels that are missing still may be fetched meanwhile. */
    void beginCapture() {
        settle();
        context.makeCurrent();
        Driver.check(
                cuStreamBeginCapture(handle, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED),
                "cuStreamBeginCapture");
        capturing = true;
    }

    /** Ends the capture, and returns the driver's status: an invalidated capture fails here. */
    int endCapture(CUgraph graph) {
        context.makeCurrent();
        capturing = false;
        return cuStreamEndCapture(handle, graph);
    }

    @Override
    public void close() {
        context.makeCurrentToClose();
        Driver.check(cuStreamDestroy(handle), "cuStreamDestroy");
    }
}
