package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.models.Models;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.ParameterGroup;
import org.alborz.optim.Sgd;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole training runs over the software libraries, against the CPU and against themselves. */
@Tag("emulation")
final class CudaTrainingTest {
    private static final int CLASSES = 10;
    private static final int BATCH = 4;
    private static final int STEPS = 25;

    /**
     * How far the mean loss may be from that of cpu-scalar. Over the software libraries it was within 1e-5 here, and within 5e-7 of float64
     * with batches of 8, where cpu-scalar's own float32 was off by 4e-4: once rounding decides which of two equal neighbours a pooling picks,
     * runs part. Other dropout masks would differ by 3e-2 after the second step.
     */
    private static final double TOLERANCE = 1e-3;

    @AfterEach
    void nothingIsLeft() {
        SoftwareDevice device = SoftwareGpu.device();
        assertThat(device.leaks()).isEmpty();
    }

    @Test
    void cifarCnnWithDropoutHasTheLossesOfTheCpu() {
        TrainingRun cuda = train(SoftwareGpu.open(), Models.cifarCnn(CLASSES), new Adam(1e-3), STEPS, false);
        TrainingRun cpu = train(
                Backends.find().open("cpu-scalar", BackendOptions.defaults()),
                Models.cifarCnn(CLASSES),
                new Adam(1e-3),
                STEPS,
                false);
        assertThat(cuda.losses()).hasSize(STEPS).doesNotContain(Double.NaN);
        for (int step = 0; step < STEPS; step++) {
            assertThat(cuda.losses().get(step))
                    .as("mean loss after step %d", step + 1)
                    .isCloseTo(cpu.losses().get(step), within(TOLERANCE));
        }
    }

    @Test
    void recordedStepsGiveTheSameBits() {
        for (Optimizer[] pair : new Optimizer[][] {{new Adam(1e-3), new Adam(1e-3)}, {new Sgd(0.01), new Sgd(0.01)}}) {
            TrainingRun eager = train(SoftwareGpu.open(), Models.cifarCnn(CLASSES), pair[0], 25, false);
            TrainingRun captured = train(SoftwareGpu.open(), Models.cifarCnn(CLASSES), pair[1], 25, true);
            assertThat(captured.losses()).isEqualTo(eager.losses());
            assertThat(captured.weights()).isEqualTo(eager.weights());
        }
    }

    @Test
    void recordedStepsOfANetWithBatchNormGiveTheSameBits() {
        TrainingRun eager = train(SoftwareGpu.open(), Models.resnet20(CLASSES), new Adam(1e-3), 14, false);
        TrainingRun captured = train(SoftwareGpu.open(), Models.resnet20(CLASSES), new Adam(1e-3), 14, true);
        assertThat(captured.losses()).isEqualTo(eager.losses());
        assertThat(captured.weights()).isEqualTo(eager.weights());
    }

    @Test
    void freezingWithinACapturedRunGivesTheBitsOfAnEagerOne() {
        List<TrainingRun> runs = new ArrayList<>();
        for (boolean graphCapture : new boolean[] {false, true}) {
            Callback freezing = new Callback() {
                @Override
                public void onStepEnd(Trainer trainer) {
                    if (trainer.step() == 4) {
                        trainer.model().freeze(name -> name.startsWith("1."));
                    } else if (trainer.step() == 8) {
                        trainer.model().unfreeze(name -> true);
                    }
                }
            };
            Layer net = new Sequential(
                    new Conv2d(3, 4, 3).stride(4), new BatchNorm(4), new Flatten(), new Linear(4 * 8 * 8, CLASSES));
            runs.add(TrainingRun.of(
                    SoftwareGpu.open(),
                    DType.FLOAT32,
                    net,
                    new Adam(1e-3).groups(ParameterGroup.vectors().rateFactor(2)),
                    BATCH,
                    12,
                    graphCapture,
                    freezing));
        }
        assertThat(runs.get(1).losses()).isEqualTo(runs.get(0).losses());
        assertThat(runs.get(1).weights()).isEqualTo(runs.get(0).weights());
    }

    @Test
    void workThatLagsBehindGivesTheSameBits() {
        TrainingRun prompt = train(SoftwareGpu.open(), Models.cifarCnn(CLASSES), new Adam(1e-3), 6, false);
        for (boolean graphCapture : new boolean[] {false, true}) {
            CudaBackend backend = SoftwareGpu.open();
            SoftwareGpu.device().deferred(true);
            TrainingRun lagging = train(backend, Models.cifarCnn(CLASSES), new Adam(1e-3), 6, graphCapture);
            assertThat(lagging.losses()).isEqualTo(prompt.losses());
            assertThat(lagging.weights()).isEqualTo(prompt.weights());
        }
    }

    @Test
    void sixteenBitNetsLearn() {
        for (DType dtype : new DType[] {DType.BFLOAT16, DType.FLOAT16}) {
            TrainingRun run = TrainingRun.of(
                    SoftwareGpu.open(), dtype, Models.mlp(3 * 32 * 32, 32, CLASSES), new Sgd(0.02), BATCH, 40, false);
            assertThat(run.losses()).doesNotContain(Double.NaN);
            assertThat(run.losses().get(39))
                    .as("mean loss in %s", dtype)
                    .isLessThan(run.losses().get(0));
        }
    }

    private static TrainingRun train(Backend backend, Layer net, Optimizer optimizer, int steps, boolean graphCapture) {
        return TrainingRun.of(backend, DType.FLOAT32, net, optimizer, BATCH, steps, graphCapture);
    }
}
