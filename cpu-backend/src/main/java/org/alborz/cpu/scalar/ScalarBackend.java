package org.alborz.cpu.scalar;

import java.util.Optional;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Buffer;
import org.alborz.backend.Convolution;
import org.alborz.backend.Ctc;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Fusion;
import org.alborz.backend.Indexing;
import org.alborz.backend.MatMul;
import org.alborz.backend.MemoryStatistics;
import org.alborz.backend.Normalization;
import org.alborz.backend.Pooling;
import org.alborz.backend.RandomFill;
import org.alborz.backend.Reductions;
import org.alborz.backend.RowNormalization;
import org.alborz.backend.Softmax;
import org.alborz.cpu.memory.HostCopy;
import org.alborz.cpu.memory.MemoryPool;
import org.alborz.notice.Warnings;
import org.alborz.type.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The reference backend, {@code cpu-scalar}: obvious code on one thread, for float32 and float64. */
public final class ScalarBackend implements Backend {
    /** The name it is chosen by. */
    public static final String NAME = "cpu-scalar";

    /** What it runs on. */
    public static final String DEVICE = "1 thread, plain Java loops";

    private static final Logger log = LoggerFactory.getLogger(ScalarBackend.class);

    private final BackendOptions options;
    private final MemoryPool pool;
    private final Elementwise elementwise = new ScalarElementwise();
    private final Reductions reductions = new ScalarReductions();
    private final MatMul matMul = new ScalarMatMul();
    private final Convolution convolution = new ScalarConvolution();
    private final Pooling pooling = new ScalarPooling();
    private final Normalization normalization = new ScalarNormalization();
    private final RowNormalization rowNormalization = new ScalarRowNormalization();
    private final Softmax softmax = new ScalarSoftmax();
    private final Indexing indexing = new ScalarIndexing();
    private final RandomFill randomFill = new ScalarRandomFill();
    private final Ctc ctc = new ScalarCtc();

    /**
     * Opens the backend; it computes with one thread, whatever the options say, and warns of more.
     *
     * @throws IllegalArgumentException for another device than 0
     */
    public ScalarBackend(BackendOptions options) {
        if (options.device() != 0) {
            throw new IllegalArgumentException(
                    NAME + " expects device 0, the only one it has, got " + options.device() + ".");
        }
        if (options.tf32()) {
            Warnings.warn(log, NAME + " has no TF32; it computes float32 in full, and no faster.");
        }
        if (options.threads() > 1) {
            Warnings.warn(
                    log,
                    NAME + " computes with one thread, not with the " + options.threads()
                            + " asked for; cpu-vector uses more.");
        }
        this.options = options;
        pool = new MemoryPool(options.poison());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String device() {
        return DEVICE;
    }

    @Override
    public Optional<String> refuses(DType dtype) {
        return Optional.empty();
    }

    @Override
    public boolean isHostMemory() {
        return true;
    }

    @Override
    public Buffer allocate(DType dtype, long elements) {
        return pool.allocate(dtype, elements);
    }

    @Override
    public void free(Buffer buffer) {
        pool.free(buffer);
    }

    @Override
    public MemoryStatistics memory() {
        return pool.statistics();
    }

    @Override
    public void upload(java.nio.Buffer source, Buffer destination, long offset) {
        HostCopy.upload(source, destination, offset);
    }

    @Override
    public void download(Buffer source, long offset, java.nio.Buffer target) {
        HostCopy.download(source, offset, target);
    }

    /** Does nothing: every operation is done when it returns. */
    @Override
    public void synchronize() {}

    @Override
    public Elementwise elementwise() {
        return elementwise;
    }

    @Override
    public Reductions reductions() {
        return reductions;
    }

    @Override
    public MatMul matMul() {
        return matMul;
    }

    @Override
    public Convolution convolution() {
        return convolution;
    }

    @Override
    public Pooling pooling() {
        return pooling;
    }

    @Override
    public Normalization normalization() {
        return normalization;
    }

    @Override
    public RowNormalization rowNormalization() {
        return rowNormalization;
    }

    @Override
    public Softmax softmax() {
        return softmax;
    }

    @Override
    public Indexing indexing() {
        return indexing;
    }

    @Override
    public RandomFill randomFill() {
        return randomFill;
    }

    /** Has one fusion, which composed of other operations would need thousands of them. */
    @Override
    public <F extends Fusion> Optional<F> fusion(Class<F> type) {
        return type == Ctc.class ? Optional.of(type.cast(ctc)) : Optional.empty();
    }

    @Override
    public Optional<Backend> sibling(int threads) {
        return Optional.of(new ScalarBackend(options.withThreads(threads)));
    }

    @Override
    public void close() {
        pool.close();
    }
}
