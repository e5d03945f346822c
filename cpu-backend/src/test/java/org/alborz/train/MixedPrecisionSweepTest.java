package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mixed precision reaches float32's loss within the noise of the seeds: 200 steps of 8 generated images, three seeds. */
@Tag("sweep")
class MixedPrecisionSweepTest {
    private static final int STEPS = 200;
    private static final int BATCH = 8;
    private static final int SEEDS = 3;

    /** How much further than the seeds among themselves, as a share of float32's mean loss. */
    private static final double SLACK = 0.1;

    @ParameterizedTest
    @CsvSource({"cifar-cnn, BFLOAT16", "cifar-cnn, FLOAT16", "resnet20, BFLOAT16", "resnet20, FLOAT16"})
    void reachesTheLossOfFloat32(String name, DType computed) {
        double[] full = new double[SEEDS];
        double[] mixed = new double[SEEDS];
        for (int seed = 0; seed < SEEDS; seed++) {
            full[seed] = loss(name, Precision.full(), seed);
            mixed[seed] = loss(name, Precision.mixed(computed), seed);
        }
        double noise = Math.max(spread(full), SLACK * mean(full));
        System.out.printf(
                "%s %s: float32 %.4f (spread %.4f), mixed %.4f%n",
                name, computed, mean(full), spread(full), mean(mixed));
        assertThat(Math.abs(mean(mixed) - mean(full)))
                .as("%s %s: float32 %s, mixed %s", name, computed, mean(full), mean(mixed))
                .isLessThan(noise);
        assertThat(mean(mixed)).isLessThan(Math.log(10)); // it has learned
    }

    /** Returns the mean loss of an epoch of so many steps. */
    private static double loss(String name, Precision precision, int seed) {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, Models.byName(name, 10), precision, seed)) {
            Trainer trainer =
                    Trainer.classifier(model, new Adam(1e-3)).seed(seed).build();
            DataLoader loader = DataLoader.of(GeneratedImages.train(seed, STEPS * BATCH), BATCH)
                    .shuffle(true)
                    .seed(seed)
                    .build();
            return trainer.fit(loader, 1).get(0).loss();
        }
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double spread(double[] values) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        return most - least;
    }
}
