package org.alborz.cpu.vector;

import java.util.Map;
import java.util.Optional;
import org.alborz.backend.Accumulation;
import org.alborz.backend.AdamStep;
import org.alborz.backend.Attention;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Buffer;
import org.alborz.backend.Convolution;
import org.alborz.backend.Ctc;
import org.alborz.backend.DropoutMask;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Fusion;
import org.alborz.backend.GeluGradient;
import org.alborz.backend.GruCell;
import org.alborz.backend.Indexing;
import org.alborz.backend.LstmCell;
import org.alborz.backend.LstmSequence;
import org.alborz.backend.MatMul;
import org.alborz.backend.MemoryStatistics;
import org.alborz.backend.Normalization;
import org.alborz.backend.PackedWeights;
import org.alborz.backend.Pooling;
import org.alborz.backend.RandomFill;
import org.alborz.backend.Reductions;
import org.alborz.backend.RowNormalization;
import org.alborz.backend.SgdStep;
import org.alborz.backend.Softmax;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.backend.UpdateStep;
import org.alborz.cpu.memory.HostCopy;
import org.alborz.cpu.memory.MemoryPool;
import org.alborz.cpu.scalar.ScalarConvolution;
import org.alborz.cpu.scalar.ScalarIndexing;
import org.alborz.cpu.scalar.ScalarMatMul;
import org.alborz.cpu.scalar.ScalarNormalization;
import org.alborz.cpu.scalar.ScalarPooling;
import org.alborz.cpu.scalar.ScalarRandomFill;
import org.alborz.cpu.scalar.ScalarReductions;
import org.alborz.cpu.scalar.ScalarRowNormalization;
import org.alborz.cpu.scalar.ScalarSoftmax;
import org.alborz.notice.Warnings;
import org.alborz.type.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fast pure-Java backend, {@code cpu-vector}: float32 on all cores with the Vector API. Numbers of 16 bits are converted, computed with
 * in float32, and rounded, where that has the reference's bits or more exact ones; what there is no fast way for, float64 above all, is
 * computed by the reference's families, on all cores where they can be cut.
 */
public final class VectorBackend implements Backend {
    /** The name it is chosen by. */
    public static final String NAME = "cpu-vector";

    /** Fewer numbers of a slower type take no time worth a warning: the sums of metrics are float64 in every training. */
    private static final int WORTH_A_WARNING = 4_096;

    private static final Logger log = LoggerFactory.getLogger(VectorBackend.class);

    private final BackendOptions options;
    private final MemoryPool pool;
    private final WorkerPool workers;
    private final Elementwise elementwise;
    private final Reductions reductions;
    private final MatMul matMul;
    private final Convolution convolution;
    private final Pooling pooling;
    private final Normalization normalization;
    private final RowNormalization rowNormalization;
    private final Softmax softmax;
    private final Indexing indexing;
    private final RandomFill randomFill;
    private final Map<Class<? extends Fusion>, Fusion> fusions;
    private boolean saidSlow;

    /**
     * Opens the backend and starts its threads.
     *
     * @throws IllegalArgumentException for another device than 0
     */
    public VectorBackend(BackendOptions options) {
        if (options.device() != 0) {
            throw new IllegalArgumentException(
                    NAME + " expects device 0, the only one it has, got " + options.device() + ".");
        }
        if (options.tf32()) {
            Warnings.warn(log, NAME + " has no TF32; it computes float32 in full, and no faster.");
        }
        TypeProfiles.prepare();
        this.options = options;
        pool = new MemoryPool(options.poison());
        workers = new WorkerPool(options.threads());
        try {
            elementwise = new VectorElementwise(workers);
            reductions = new VectorReductions(workers, ScalarReductions::new);
            VectorMatMul products = new VectorMatMul(workers, new ScalarMatMul());
            matMul = new WidenedMatMul(pool, elementwise, products);
            VectorConvolution convolutions = new VectorConvolution(workers, new ScalarConvolution());
            convolution = new WidenedConvolution(pool, elementwise, convolutions);
            pooling = new WidenedPooling(pool, elementwise, new VectorPooling(workers, ScalarPooling::new));
            normalization = new VectorNormalization(workers, ScalarNormalization::new);
            rowNormalization = new VectorRowNormalization(workers, ScalarRowNormalization::new);
            softmax = new VectorSoftmax(workers, ScalarSoftmax::new);
            indexing = new VectorIndexing(workers, ScalarIndexing::new);
            randomFill = new VectorRandomFill(workers, ScalarRandomFill::new);
            fusions = Map.ofEntries(
                    Map.entry(Accumulation.class, new VectorAccumulation(workers)),
                    Map.entry(AdamStep.class, new VectorAdamStep(workers)),
                    Map.entry(SgdStep.class, new VectorSgdStep(workers)),
                    Map.entry(UpdateStep.class, new VectorUpdateStep(workers)),
                    Map.entry(DropoutMask.class, new VectorDropoutMask(workers)),
                    Map.entry(SoftmaxCrossEntropy.class, new VectorSoftmaxCrossEntropy(workers)),
                    Map.entry(GeluGradient.class, new VectorGeluGradient(workers)),
                    Map.entry(Attention.class, new VectorAttention(workers)),
                    Map.entry(PackedWeights.class, new VectorPackedWeights(convolutions, products)),
                    Map.entry(Ctc.class, new VectorCtc(workers)),
                    Map.entry(LstmCell.class, new VectorLstmCell(workers)),
                    Map.entry(LstmSequence.class, new VectorLstmSequence(workers)),
                    Map.entry(GruCell.class, new VectorGruCell(workers)));
        } catch (RuntimeException | Error e) {
            workers.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String device() {
        return device(workers.threads());
    }

    /** Returns how many numbers of float32 a vector of this machine holds. */
    public static int lanes() {
        return Lanes.L;
    }

    /** Returns for how many vector registers the kernels are made on this machine. */
    public static int registers() {
        return Lanes.REGISTERS;
    }

    /** Describes what the backend runs on with the given number of threads; 0 stands for one for each processor. */
    public static String device(int threads) {
        int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        return count + (count == 1 ? " thread, " : " threads, ") + Lanes.L + " float lanes (" + Lanes.S.vectorShape()
                + ")";
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
        if (!saidSlow && elements >= WORTH_A_WARNING && dtype.isFloating() && dtype != DType.FLOAT32) {
            saidSlow = true;
            Warnings.warn(
                    log,
                    dtype == DType.FLOAT64
                            ? NAME
                                    + " computes float64 by plain loops, slower than float32. Use float32 where it is exact"
                                    + " enough."
                            : NAME + " converts " + dtype
                                    + " to float32 to compute with it, slower than float32 alone. Use"
                                    + " float32 where it fits into memory.");
        }
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

    @Override
    public <F extends Fusion> Optional<F> fusion(Class<F> type) {
        return Optional.ofNullable(fusions.get(type)).map(type::cast);
    }

    @Override
    public Optional<Backend> sibling(int threads) {
        return Optional.of(new VectorBackend(options.withThreads(threads)));
    }

    @Override
    public void close() {
        workers.close();
        pool.close();
    }
}
