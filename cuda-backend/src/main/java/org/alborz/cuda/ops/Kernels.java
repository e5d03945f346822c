package org.alborz.cuda.ops;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alborz.backend.Accumulation;
import org.alborz.backend.AdamStep;
import org.alborz.backend.Attention;
import org.alborz.backend.BatchNormGate;
import org.alborz.backend.BiasGradient;
import org.alborz.backend.Convolution;
import org.alborz.backend.ConvolutionSum;
import org.alborz.backend.Ctc;
import org.alborz.backend.DropoutMask;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Fusion;
import org.alborz.backend.GeluGradient;
import org.alborz.backend.GruCell;
import org.alborz.backend.ImageGather;
import org.alborz.backend.Indexing;
import org.alborz.backend.LossScaleStep;
import org.alborz.backend.LstmCell;
import org.alborz.backend.MatMul;
import org.alborz.backend.MeanSoftmaxCrossEntropy;
import org.alborz.backend.Normalization;
import org.alborz.backend.PixelNormalization;
import org.alborz.backend.Pooling;
import org.alborz.backend.RandomFill;
import org.alborz.backend.Reductions;
import org.alborz.backend.ReplayedUpdate;
import org.alborz.backend.RowNormalization;
import org.alborz.backend.RowNormalizationSum;
import org.alborz.backend.SgdStep;
import org.alborz.backend.Softmax;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.backend.UpdateStep;
import org.alborz.cuda.blas.Blas;
import org.alborz.cuda.dnn.ChosenAlgorithm;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.dnn.graph.ChosenEngine;
import org.alborz.cuda.driver.Resources;

/** All families of operations of one GPU, and what they share. */
public final class Kernels implements AutoCloseable {
    private final Resources resources = new Resources();
    private final IndexFaults faults;
    private final RandomAdvance randomAdvance;
    private final Elementwise elementwise;
    private final Reductions reductions;
    private final MatMul matMul;
    private final CudaConvolution convolution;
    private final Pooling pooling;
    private final CudaNormalization normalization;
    private final RowNormalization rowNormalization;
    private final Softmax softmax;
    private final Indexing indexing;
    private final CudaRandomFill randomFill;
    private final Map<Class<? extends Fusion>, Fusion> fusions;

    public Kernels(LaunchContext context, Blas blas, Dnn dnn) {
        try {
            faults = resources.add(new IndexFaults());
            randomAdvance = resources.add(new RandomAdvance(context));
            FinishedBlocks finished = resources.add(new FinishedBlocks(context));
            BiasActivation biasActivation = new BiasActivation(context);
            elementwise = new CudaElementwise(context, biasActivation);
            CudaGeluGradient gelu = new CudaGeluGradient(context, finished);
            reductions = new CudaReductions(context, elementwise, gelu);
            matMul = new CudaMatMul(blas, biasActivation, elementwise);
            convolution = resources.add(new CudaConvolution(context, dnn, biasActivation, elementwise));
            CudaPooling windows = resources.add(new CudaPooling(context, dnn));
            pooling = windows;
            normalization =
                    new CudaNormalization(context, finished, convolution.delayed(), convolution.delayedGradient());
            CudaRowNormalization rows = new CudaRowNormalization(context);
            rowNormalization = rows;
            softmax = new CudaSoftmax(context);
            indexing = new CudaIndexing(context, elementwise, faults);
            randomFill = new CudaRandomFill(context, randomAdvance);
            CudaOptimizerSteps optimizerSteps = new CudaOptimizerSteps(context);
            fusions = Map.ofEntries(
                    Map.entry(AdamStep.class, optimizerSteps),
                    Map.entry(SgdStep.class, optimizerSteps),
                    Map.entry(UpdateStep.class, optimizerSteps),
                    Map.entry(ReplayedUpdate.class, optimizerSteps),
                    Map.entry(LossScaleStep.class, new CudaLossScale(context, finished)),
                    Map.entry(DropoutMask.class, randomFill),
                    Map.entry(SoftmaxCrossEntropy.class, new CudaSoftmaxCrossEntropy(context, faults)),
                    Map.entry(MeanSoftmaxCrossEntropy.class, new CudaMeanCrossEntropy(context, faults, finished)),
                    Map.entry(Accumulation.class, new CudaAccumulation(context, finished)),
                    Map.entry(PixelNormalization.class, new CudaPixelNormalization(context)),
                    Map.entry(ImageGather.class, new CudaImageGather(context)),
                    Map.entry(Attention.class, new CudaAttention(context, randomAdvance)),
                    Map.entry(Ctc.class, new CudaCtc(context, faults)),
                    Map.entry(LstmCell.class, new CudaLstmCell(context)),
                    Map.entry(GruCell.class, new CudaGruCell(context)),
                    Map.entry(RowNormalizationSum.class, rows),
                    Map.entry(ConvolutionSum.class, convolution),
                    Map.entry(BatchNormGate.class, normalization),
                    Map.entry(GeluGradient.class, gelu),
                    Map.entry(BiasGradient.class, new CudaBiasGradient(context, elementwise, finished, windows)));
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    public Elementwise elementwise() {
        return elementwise;
    }

    public Reductions reductions() {
        return reductions;
    }

    public MatMul matMul() {
        return matMul;
    }

    /** Returns the algorithms of cuDNN that convolutions have taken so far. */
    public List<ChosenAlgorithm> algorithms() {
        return convolution.algorithms();
    }

    /** Returns the engines of cuDNN's graph API that convolutions and what follows them have taken so far. */
    public List<ChosenEngine> engines() {
        return convolution.engines();
    }

    public Convolution convolution() {
        return convolution;
    }

    public Pooling pooling() {
        return pooling;
    }

    public Normalization normalization() {
        return normalization;
    }

    public RowNormalization rowNormalization() {
        return rowNormalization;
    }

    public Softmax softmax() {
        return softmax;
    }

    public Indexing indexing() {
        return indexing;
    }

    public RandomFill randomFill() {
        return randomFill;
    }

    public <F extends Fusion> Optional<F> fusion(Class<F> type) {
        return Optional.ofNullable(fusions.get(type)).map(type::cast);
    }

    /** Returns what replays of captured work set so that they draw their own random numbers. */
    public RandomAdvance randomAdvance() {
        return randomAdvance;
    }

    /** Throws what kernels have reported; to be called after waiting for them. */
    public void throwFaults() {
        faults.throwRaised();
    }

    @Override
    public void close() {
        resources.close();
    }
}
