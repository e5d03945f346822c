package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.nn.Dropout;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The search for the operation that made the first number which is not finite. */
class TerminateOnNaNTest {
    private static final int SAMPLES = 40;

    private final Session session = Session.open("cpu-vector");

    @AfterEach
    void close() {
        session.close();
    }

    /** Samples of 1, with one that is another number, in batches of one. */
    private static DataLoader data(int odd, float value) {
        float[][] x = new float[SAMPLES][];
        float[] y = new float[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            x[i] = new float[] {i == odd ? value : 1};
            y[i] = 1;
        }
        return DataLoader.of(ArrayDataset.of(x, y), 1).build();
    }

    /** Its logarithm is of the input itself where the layer before passes it on. */
    private static Sequential logarithm() {
        Layer log = (x, pass) -> x.log();
        return new Sequential(new Dropout(0), new Sequential(log), new Linear(1, 1));
    }

    private String reason(Model model, int everySteps, DataLoader data, DataLoader validation) {
        try (Trainer trainer = Trainer.regression(model, new Sgd(1e-3))
                .callback(new TerminateOnNaN(everySteps))
                .build()) {
            trainer.fit(data, validation, 2);
            return trainer.stopReason();
        }
    }

    /** How often the loss is looked at, and the batch, from 0, whose logarithm is NaN; the step is found whatever the distance of the looks. */
    @ParameterizedTest
    @CsvSource({"1, 0", "1, 17", "5, 17", "7, 13", "50, 17", "40, 39", "64, 39"})
    void theStepAndTheOperationAreNamed(int everySteps, int odd) {
        try (Model model = Model.create(session, logarithm(), 1)) {
            assertThat(reason(model, everySteps, data(odd, -2), null))
                    .startsWith("the loss is NaN by step ")
                    .contains(
                            ", since in step " + (odd + 1)
                                    + " log in layer '1.0' made NaN at [0, 0] (input 0 'input' [1, 1] was finite, from -2.000 to -2.000)")
                    .endsWith("lower the learning rate");
        }
    }

    /** 0 makes −∞ first, which becomes NaN only where it meets a 0 or another infinity. */
    @Test
    void whereAnInfinityCameFromIsNamed() {
        try (Model model = Model.create(session, logarithm(), 1)) {
            assertThat(reason(model, 5, data(3, 0), null))
                    .contains("in step 4 ")
                    .contains("log")
                    .contains("made -Infinity at [0, 0] (input 0 'input' [1, 1] was finite, from 0.000 to 0.000)");
        }
    }

    @Test
    void weightsThatGrowAreTracedToTheirStep() {
        try (Model model = Model.create(session, new Sequential(new Linear(1, 8), new Linear(8, 1)), 1);
                Trainer trainer = Trainer.regression(model, new Sgd(30))
                        .callback(new TerminateOnNaN(20))
                        .build()) {
            trainer.fit(data(0, 1), 1);
            assertThat(trainer.stopReason())
                    .matches(".*by step 20, since in step \\d+ .* made .*lower the learning rate");
        }
    }

    /** A rectifier that makes 0 of NaN, as cuDNN's does, hides weights that are lost from the loss. */
    @Test
    void weightsThatAreLostUnderAFiniteLossStopTheTraining() {
        Layer hiding = (x, pass) -> Tensor.where(x.gt(0), x, session.full(0, x.shape()));
        Callback losing = new Callback() {
            @Override
            public void onStepEnd(Trainer trainer) {
                if (trainer.step() == 3) {
                    session.write(
                            new float[] {Float.NaN},
                            trainer.model().parameters().get("0.weight").value());
                }
            }
        };
        try (Model model = Model.create(session, new Sequential(new Linear(1, 1), hiding, new Linear(1, 1)), 1);
                Trainer trainer = Trainer.regression(model, new Sgd(1e-3))
                        .callback(losing)
                        .callback(new TerminateOnNaN(5).withoutSearch())
                        .build()) {
            trainer.fit(data(0, 1), 1);
            assertThat(trainer.stopReason())
                    .matches("weights are not finite by step 5, though the loss is [0-9.]+; lower the learning rate");
        }
    }

    /** A step of accumulated gradients is of several batches, and each may be the cause; the epoch's last step is of 40 modulo 16. */
    @ParameterizedTest
    @CsvSource({"1, 16, 1", "1, 16, 33", "2, 16, 2", "3, 16, 0", "1, 2000000000, 3", "2, 2000000000, 3"})
    void everyBatchOfAStepMayBeTheCause(int everySteps, int accumulation, int odd) {
        try (Model model = Model.create(session, logarithm(), 1);
                Trainer trainer = Trainer.regression(model, new Sgd(1e-3))
                        .gradientAccumulation(accumulation)
                        .callback(new TerminateOnNaN(everySteps))
                        .build()) {
            trainer.fit(data(odd, Float.NaN), 1);
            assertThat(trainer.stopReason()).contains("since sample " + odd + " of ", "holds NaN; correct the data");
        }
    }

    @Test
    void inAGroupItIsTheBatchOfAnyRank() throws Exception {
        for (int odd : new int[] {1, 5}) {
            RankThreads.run("local", 2, collective -> {
                        try (Session own = Session.open("cpu-vector");
                                Model model = Model.create(own, new Linear(1, 1), 1)) {
                            Trainer trainer = Trainer.regression(model, new Sgd(1e-3))
                                    .collective(collective)
                                    .callback(new TerminateOnNaN(1))
                                    .build();
                            trainer.fit(data(odd, Float.NaN), 1);
                            assertThat(trainer.step()).isEqualTo(odd / 2 + 1);
                            return trainer.stopReason();
                        }
                    })
                    .forEach(reason -> assertThat(reason).contains("since sample " + odd + " of "));
        }
    }

    @Test
    void theValidationIsSearchedAsWell() {
        try (Model model = Model.create(session, logarithm(), 1)) {
            assertThat(reason(model, 50, data(0, 1), data(23, -1)))
                    .startsWith(
                            "the validation loss is NaN by step 40, since in batch 23 of the validation log in layer '1.0'")
                    .contains("input 0 'input' [1, 1] was finite, from -1.000 to -1.000");
        }
    }

    /** Nothing that training leaves depends on the search: weights, sums and where it stands; and its memory is given back. */
    @Test
    void theTrainerIsAsItWas() {
        long used = session.memory().used();
        assertThat(left(new TerminateOnNaN(7))).isEqualTo(left(new TerminateOnNaN(7).withoutSearch()));
        assertThat(session.memory().used()).isEqualTo(used);
    }

    private String left(TerminateOnNaN callback) {
        try (Model model = Model.create(session, new Sequential(new Dropout(0.2), logarithm()), 1);
                Trainer trainer = Trainer.regression(model, new Adam(1e-2))
                        .gradientAccumulation(2)
                        .ema(0.9)
                        .callback(callback)
                        .build()) {
            trainer.fit(data(17, -2), 1);
            return Arrays.deepToString(new Object[] {
                model.values().toDoubles(),
                trainer.parameterStates().get("ema").toDoubles(),
                trainer.optimizer().state().values().iterator().next().toDoubles(),
                trainer.metrics().lossSum(),
                trainer.metrics().samples(),
                trainer.step(),
                trainer.batches(),
                trainer.nextBatch()
            });
        }
    }

    /** A search that finds nothing says nothing, such as of data that are others each time they are read. */
    @Test
    void bitsOfAHealthyTrainingAreTheSame() {
        assertThat(session.dtype()).isEqualTo(DType.FLOAT32);
        double[] plain = healthy(null);
        assertThat(healthy(new TerminateOnNaN(3))).isEqualTo(plain);
    }

    private double[] healthy(Callback callback) {
        Trainer trainer = callback == null
                ? TrainingRuns.trainer(session, new Adam(1e-2))
                : TrainingRuns.trainer(session, new Adam(1e-2), callback);
        trainer.fit(TrainingRuns.loader(64, 16), 2);
        double[] values = trainer.model().values().toDoubles();
        trainer.model().close();
        return values;
    }
}
