package org.alborz.tck;

import java.util.stream.Stream;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * What every backend must do. A backend's test extends this class and says how to open it; memory is poisoned throughout, so
 * that a read of undefined content shows as NaN.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class BackendConformance {
    private final Sessions sessions = new Sessions(this::open);

    /** Opens the backend. */
    protected abstract Backend open(BackendOptions options);

    /** Returns the numbers of threads that must give bit-identical results; one where the backend takes no threads. */
    protected int[] threads() {
        return new int[] {1};
    }

    @AfterAll
    void closeSessions() {
        sessions.close();
    }

    @TestFactory
    Stream<DynamicNode> catalogueIsComplete() {
        return new CompletenessChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> forward() {
        return new ForwardChecks(sessions).contiguous();
    }

    @TestFactory
    Stream<DynamicNode> stridedInputs() {
        return new ForwardChecks(sessions).strided();
    }

    @TestFactory
    Stream<DynamicNode> gradients() {
        return new GradientChecks(sessions).firstOrder();
    }

    @TestFactory
    Stream<DynamicNode> gradientsOfStridedInputs() {
        return new GradientChecks(sessions).strided();
    }

    @TestFactory
    Stream<DynamicNode> gradientsOfGradients() {
        return new GradientChecks(sessions).higherOrder();
    }

    @TestFactory
    Stream<DynamicNode> axes() {
        return new AxisChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> specialValues() {
        return new SpecialValueChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> fusions() {
        return new FusionChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> randomNumbers() {
        return new RandomChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> promisesOfTheSpi() {
        return new SpiChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> dataTypes() {
        return new TypeChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> comparisonsAndMasks() {
        return new MaskChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> integers() {
        return new IntegerChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> indices() {
        return new IndexChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> sharedMemory() {
        return new AliasingChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> halfPrecision() {
        return new HalfPrecisionChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> batchNormOf16BitsBesideFloat32() {
        return new MixedNormalizationChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> trainingFusion() {
        return new TrainingFusionChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> sumsOfManyNumbers() {
        return new AccumulationChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> statesOverManySteps() {
        return new StateChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> equalNumbersInAChannel() {
        return new ConstantChannelChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> largeMeansOfChannels() {
        return new LargeMeanChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> captures() {
        return new GraphCaptureChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> goldenValues() {
        return new GoldenChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> evaluation() {
        return new EvaluationChecks(sessions).all();
    }

    @TestFactory
    Stream<DynamicNode> memory() {
        return new TrainingChecks(sessions).memory();
    }

    @TestFactory
    Stream<DynamicNode> bitIdenticalAcrossThreads() {
        return new TrainingChecks(sessions).threads(threads());
    }
}
