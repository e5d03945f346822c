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
 *
 * <p>While one works on an operation, {@code -Dalborz.tck.only=gather,softmax} runs only the tests whose name, or whose group's name,
 * contains one of the words.
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
        return Selection.of(new CompletenessChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> forward() {
        return Selection.of(new ForwardChecks(sessions).contiguous());
    }

    @TestFactory
    Stream<DynamicNode> stridedInputs() {
        return Selection.of(new ForwardChecks(sessions).strided());
    }

    @TestFactory
    Stream<DynamicNode> gradients() {
        return Selection.of(new GradientChecks(sessions).firstOrder());
    }

    @TestFactory
    Stream<DynamicNode> gradientsOfStridedInputs() {
        return Selection.of(new GradientChecks(sessions).strided());
    }

    @TestFactory
    Stream<DynamicNode> gradientsOfGradients() {
        return Selection.of(new GradientChecks(sessions).higherOrder());
    }

    @TestFactory
    Stream<DynamicNode> axes() {
        return Selection.of(new AxisChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> specialValues() {
        return Selection.of(new SpecialValueChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> fusions() {
        return Selection.of(new FusionChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> randomNumbers() {
        return Selection.of(new RandomChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> promisesOfTheSpi() {
        return Selection.of(new SpiChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> dataTypes() {
        return Selection.of(new TypeChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> comparisonsAndMasks() {
        return Selection.of(new MaskChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> integers() {
        return Selection.of(new IntegerChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> indices() {
        return Selection.of(new IndexChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> sorting() {
        return Selection.of(new SortChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> sharedMemory() {
        return Selection.of(new AliasingChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> halfPrecision() {
        return Selection.of(new HalfPrecisionChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> batchNormOf16BitsBesideFloat32() {
        return Selection.of(new MixedNormalizationChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> losses() {
        return Selection.of(new LossChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> trainingFusion() {
        return Selection.of(new TrainingFusionChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> sumsOfManyNumbers() {
        return Selection.of(new AccumulationChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> statesOverManySteps() {
        return Selection.of(new StateChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> equalNumbersInAChannel() {
        return Selection.of(new ConstantChannelChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> largeMeansOfChannels() {
        return Selection.of(new LargeMeanChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> captures() {
        return Selection.of(new GraphCaptureChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> goldenValues() {
        return Selection.of(new GoldenChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> evaluation() {
        return Selection.of(new EvaluationChecks(sessions).all());
    }

    @TestFactory
    Stream<DynamicNode> memory() {
        return Selection.of(new TrainingChecks(sessions).memory());
    }

    @TestFactory
    Stream<DynamicNode> bitIdenticalAcrossThreads() {
        return Selection.of(new TrainingChecks(sessions).threads(threads()));
    }
}
