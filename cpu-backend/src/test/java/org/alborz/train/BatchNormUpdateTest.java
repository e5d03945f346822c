package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.alborz.backend.BackendOptions;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Initializer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

/** A pass over the data renews running statistics as torch.optim.swa_utils.update_bn of PyTorch 1.13 does. */
class BatchNormUpdateTest {
    private static final double[] MEANS = {2.0833333333333335, 1.4166666666666667};
    private static final double[] VARIANCES = {11.708333333333332, 2.541666666666667};

    private static final float[][] SAMPLES = {{1, 2}, {3, -1}, {0.5f, 4}, {2, 2}, {-1, 0}, {7, 1.5f}};
    private static final float[] TARGETS = {1, 0, 2, 1, 0, 3};

    private static DataLoader loader() {
        return DataLoader.of(ArrayDataset.of(SAMPLES, TARGETS), 2).build();
    }

    private static double[] values(Model model, String name) {
        return model.parameters().get(name).value().toDoubles();
    }

    @Test
    void statisticsAreTheMeanOfThoseOfTheBatches() {
        try (Session session = Session.open("cpu-vector", BackendOptions.defaults(), DType.FLOAT64)) {
            Model model = Model.create(
                    session,
                    new Sequential(new BatchNorm(2, 0.3, 1e-5), new BatchNorm(2).cumulativeAverage(), new Linear(2, 1)),
                    1);
            Trainer trainer =
                    Trainer.regression(model, new Sgd(0.01), Loss.mse()).build();
            trainer.fit(loader(), 2);
            double[] weights = model.values().toDoubles();
            // An infinity that was met before leaves nothing behind.
            model.parameters().get("0.running_var").value().fill(Double.POSITIVE_INFINITY);
            assertThat(trainer.updateBatchNorm(loader())).isEqualTo(2);
            assertThat(values(model, "0.running_mean")).containsExactly(MEANS, within(1e-12));
            assertThat(values(model, "0.running_var")).containsExactly(VARIANCES, within(1e-12));
            assertThat(model.parameters().get("1.num_batches_tracked").value().toLongs())
                    .containsExactly(3);
            assertThat(model.values().toDoubles()).containsExactly(weights);
            // A third epoch moves them by the momentum again.
            trainer.fit(loader(), 3);
            assertThat(values(model, "0.running_mean")[0]).isNotCloseTo(MEANS[0], within(1e-6));
            model.close();
        }
    }

    /** Behind a layer whose weights are averaged, statistics are those of its averaged outputs. */
    @Test
    void averagedWeightsAreUsed() {
        try (Session session = Session.open("cpu-vector", BackendOptions.defaults(), DType.FLOAT64)) {
            Linear first = new Linear(2, 1).weight(Initializer.constant(1));
            Model model = Model.create(session, new Sequential(first, new BatchNorm(1), new Linear(1, 1)), 1);
            Trainer trainer = Trainer.regression(model, new Sgd(0.1), Loss.mse())
                    .swa(1, 1)
                    .build();
            trainer.fit(loader(), 3);
            assertThat(trainer.updateBatchNorm(loader())).isEqualTo(1);
            double mean = values(model, "1.running_mean")[0];
            trainer.copyEmaToModel();
            double[] w = values(model, "0.weight");
            double expected = 0;
            for (float[] sample : SAMPLES) {
                expected += (w[0] * sample[0] + w[1] * sample[1]) / SAMPLES.length;
            }
            assertThat(mean).isCloseTo(expected + values(model, "0.bias")[0], within(1e-12));
            model.close();
        }
    }

    @Test
    void frozenLayersAndModelsWithoutThemStayAsTheyAre() {
        try (Session session = Session.open("cpu-scalar")) {
            Model model = Model.create(session, new Sequential(new BatchNorm(2), new Linear(2, 1)), 1);
            Trainer trainer =
                    Trainer.regression(model, new Sgd(0.1), Loss.mse()).build();
            model.freeze(name -> name.startsWith("0."));
            assertThat(trainer.updateBatchNorm(loader())).isZero();
            assertThat(values(model, "0.running_mean")).containsExactly(0, 0);
            model.close();
        }
    }
}
