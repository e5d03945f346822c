package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventQuery;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;

/** A mark in a stream that the host, or another stream, can wait for. */
public final class Event implements AutoCloseable {
    private final Context context;
    private final CUevent handle = new CUevent();

    public Event(Context context) {
        this(context, CUevent_flags.CU_EVENT_DISABLE_TIMING);
    }

    private Event(Context context, int flags) {
        this.context = context;
        context.makeCurrent();
        Driver.check(cuEventCreate(handle, flags), "cuEventCreate");
    }

    /** Makes a mark that keeps the time when the device reached it. */
    public static Event timed(Context context) {
        return new Event(context, CUevent_flags.CU_EVENT_DEFAULT);
    }

    /** Returns the microseconds between two timed marks, both of which the device has reached. */
    public double microsecondsSince(Event earlier) {
        context.makeCurrent();
        float[] milliseconds = {0};
        Driver.check(cuEventElapsedTime(milliseconds, earlier.handle, handle), "cuEventElapsedTime");
        return milliseconds[0] * 1e3;
    }

    CUevent handle() {
        return handle;
    }

    /** Sets the mark behind the work that the stream holds now. */
    public void record(Stream stream) {
        stream.settle();
        context.makeCurrent();
        Driver.check(cuEventRecord(handle, stream.handle()), "cuEventRecord");
    }

    /** Waits until the device has reached the mark; returns at once where none was set. */
    public void await() {
        context.makeCurrent();
        Driver.check(cuEventSynchronize(handle), "cuEventSynchronize");
    }

    /** Tells whether the device has reached the mark; true where none was set. */
    public boolean isReached() {
        context.makeCurrent();
        int status = cuEventQuery(handle);
        if (status == CUresult.CUDA_ERROR_NOT_READY) {
            return false;
        }
        Driver.check(status, "cuEventQuery");
        return true;
    }

    @Override
    public void close() {
        context.makeCurrentToClose();
        Driver.check(cuEventDestroy(handle), "cuEventDestroy");
    }
}
