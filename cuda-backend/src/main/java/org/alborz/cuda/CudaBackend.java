package org.alborz.cuda;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Buffer;
import org.alborz.backend.Convolution;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Fusion;
import org.alborz.backend.GraphCapture;
import org.alborz.backend.Indexing;
import org.alborz.backend.MatMul;
import org.alborz.backend.MemoryStatistics;
import org.alborz.backend.Normalization;
import org.alborz.backend.Pooling;
import org.alborz.backend.RandomFill;
import org.alborz.backend.Reductions;
import org.alborz.backend.RowNormalization;
import org.alborz.backend.Softmax;
import org.alborz.cuda.blas.Blas;
import org.alborz.cuda.dnn.ChosenAlgorithm;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.dnn.graph.ChosenEngine;
import org.alborz.cuda.driver.Context;
import org.alborz.cuda.driver.Launcher;
import org.alborz.cuda.driver.Modules;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;
import org.alborz.cuda.driver.WorkObserver;
import org.alborz.cuda.graph.CudaGraphCapture;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.cuda.memory.DeviceMemoryException;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.cuda.memory.Staging;
import org.alborz.cuda.memory.UploadSlots;
import org.alborz.cuda.ops.Kernels;
import org.alborz.cuda.ops.LaunchContext;
import org.alborz.notice.DropWatch;
import org.alborz.notice.Warnings;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One NVIDIA GPU. All work goes to one stream, in the order it was asked for, but copies of new memory ({@link UploadSlots}). {@link #download} and
 * {@link #synchronize} wait for it, and uploads where all pinned memory is still being copied.
 *
 * <p>The native libraries must be loaded; {@link CudaProvider} does that.
 */
public final class CudaBackend implements Backend {
    private static final Logger log = LoggerFactory.getLogger(CudaBackend.class);

    /** The compute capability, before the point, from which on tensor cores know TF32. */
    private static final int FIRST_WITH_TF32 = 8;

    private final BackendOptions options;
    private final boolean tf32;
    private final Resources resources = new Resources();
    private final Context context;
    private final Stream stream;
    private final DevicePool pool;
    private final Staging staging;
    private final UploadSlots slots;
    private final Kernels kernels;
    private final CudaGraphCapture capture;
    private final DropWatch watch;
    private boolean closed;

    /** Opens a device and all that is needed to compute on it. */
    public CudaBackend(BackendOptions options) {
        this.options = options;
        tf32 = options.tf32();
        try {
            context = resources.add(new Context(options.device()));
            stream = resources.add(new Stream(context));
            pool = resources.add(new DevicePool(stream, options.poison()));
            staging = resources.add(new Staging(stream));
            slots = resources.add(new UploadSlots(stream, staging, pool));
            Launcher launcher = resources.add(new Launcher(stream));
            Modules modules = resources.add(new Modules(context));
            Blas blas = resources.add(new Blas(stream, tf32));
            Dnn dnn = resources.add(new Dnn(stream, tf32, options.algorithms()));
            kernels = resources.add(new Kernels(new LaunchContext(stream, launcher, modules, pool), blas, dnn));
            capture = resources.add(new CudaGraphCapture(stream, pool, kernels.randomAdvance()));
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
        if (tf32 && context.device().major() < FIRST_WITH_TF32) {
            Warnings.warn(
                    log,
                    context.device() + " has no TF32, which came with compute capability " + FIRST_WITH_TF32
                            + ".0; it computes float32 in full, and no faster.");
        }
        watch = DropWatch.on(this, log, "A backend on " + context.device(), releaseOf(resources, stream));
    }

    /** Returns what gives everything back; it does not refer to the backend. */
    private static Runnable releaseOf(Resources resources, Stream stream) {
        return () -> {
            resources.add(stream::synchronize);
            resources.close();
        };
    }

    /** Tells the observer of all work that is put on the backend's streams from now on; null tells nobody. */
    public void observe(WorkObserver observer) {
        stream.observe(observer);
        slots.observe(observer);
    }

    /** Returns the algorithms of cuDNN that convolutions have taken so far, the one used last at the end. */
    public List<ChosenAlgorithm> algorithms() {
        return kernels.algorithms();
    }

    /** Returns the engines of cuDNN's graph API that convolutions and what follows them have taken so far, the one used last at the end. */
    public List<ChosenEngine> engines() {
        return kernels.engines();
    }

    /** Returns the stream that all work goes to, for exchanges with other devices. */
    Stream stream() {
        return stream;
    }

    /** Returns what captures the stream. */
    CudaGraphCapture graphs() {
        return capture;
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public String device() {
        return context.device() + (tf32 ? ", TF32" : "");
    }

    @Override
    public String precision() {
        return tf32 ? "tf32" : "full";
    }

    @Override
    public Optional<String> refuses(DType dtype) {
        return Optional.empty();
    }

    /** Returns the order that cuDNN reads: O, KH, KW, C. */
    @Override
    public Layout weightLayout(Shape weights) {
        return Layout.channelsLast(weights);
    }

    @Override
    public Buffer allocate(DType dtype, long elements) {
        return pool.allocate(dtype, elements);
    }

    /** Copies beside the work on the device, where there is enough to copy. */
    @Override
    public Buffer allocate(DType dtype, java.nio.Buffer source) {
        capture.requireNotCapturing("upload");
        long bytes = (long) source.remaining() * dtype.bytes();
        CudaBuffer beside = bytes < UploadSlots.FEWEST_BYTES ? null : slots.upload(dtype, source);
        return beside != null ? beside : Backend.super.allocate(dtype, source);
    }

    @Override
    public void free(Buffer buffer) {
        CudaBuffer block = (CudaBuffer) buffer;
        if (stream.isCapturing() && slots.has(block)) { // the event behind what reads it would be the graph's
            throw new IllegalStateException(
                    "A tensor of Session.uploaded was closed while the work on the device is captured;"
                            + " close it after the capture, or before");
        }
        if (!slots.free(block)) {
            pool.free(block);
        }
    }

    @Override
    public MemoryStatistics memory() {
        return pool.statistics();
    }

    @Override
    public OptionalLong freeMemory() {
        return OptionalLong.of(pool.free());
    }

    @Override
    public boolean isOutOfMemory(Throwable failure) {
        return failure instanceof DeviceMemoryException;
    }

    @Override
    public void upload(java.nio.Buffer source, Buffer destination, long offset) {
        capture.requireNotCapturing("upload");
        CudaBuffer to = (CudaBuffer) destination;
        staging.upload(source, to.dtype().bytes(), to.pointer(offset));
    }

    @Override
    public void download(Buffer source, long offset, java.nio.Buffer target) {
        capture.requireNotCapturing("download");
        CudaBuffer from = (CudaBuffer) source;
        staging.download(from.pointer(offset), from.dtype().bytes(), target);
        kernels.throwFaults();
    }

    @Override
    public void synchronize() {
        capture.requireNotCapturing("wait for the device");
        stream.synchronize();
        kernels.throwFaults();
    }

    @Override
    public Elementwise elementwise() {
        return kernels.elementwise();
    }

    @Override
    public Reductions reductions() {
        return kernels.reductions();
    }

    @Override
    public MatMul matMul() {
        return kernels.matMul();
    }

    @Override
    public Convolution convolution() {
        return kernels.convolution();
    }

    @Override
    public Pooling pooling() {
        return kernels.pooling();
    }

    @Override
    public Normalization normalization() {
        return kernels.normalization();
    }

    @Override
    public RowNormalization rowNormalization() {
        return kernels.rowNormalization();
    }

    @Override
    public Softmax softmax() {
        return kernels.softmax();
    }

    @Override
    public Indexing indexing() {
        return kernels.indexing();
    }

    @Override
    public RandomFill randomFill() {
        return kernels.randomFill();
    }

    @Override
    public <F extends Fusion> Optional<F> fusion(Class<F> type) {
        return kernels.fusion(type);
    }

    @Override
    public Optional<GraphCapture> graphCapture() {
        return Optional.of(capture);
    }

    /** Opens another stream on the same device; all backends on a device share its primary context, and so its addresses. */
    @Override
    public Optional<Backend> sibling(int threads) {
        return Optional.of(new CudaBackend(options.withThreads(threads)));
    }

    /** Waits for what is queued and gives everything back to the device, also where that fails in part; then it says so. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            watch.close();
            releaseOf(resources, stream).run();
        }
    }
}
