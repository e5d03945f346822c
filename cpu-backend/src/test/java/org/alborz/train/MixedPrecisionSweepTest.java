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

/**
 * Mixed precision reaches float32's loss within the noise of the seeds: on {@code cifar-cnn} 200 steps of 8 generated images for each of three
 * seeds, on {@code resnet20}, whose 16-bit kernels are slow on a CPU, 60 steps and one seed. {@code -Dalborz.sweep.full=true} gives that the
 * same 200 steps and three seeds, which takes many minutes.
 */
@Tag("sweep")
class MixedPrecisionSweepTest {
    private static final boolean FULL = Boolean.getBoolean("alborz.sweep.full");
    private static final int BATCH = 8;

    /** How much further than the seeds among themselves, as a share of float32's mean loss. */
    private static final double SLACK = 0.1;

    @ParameterizedTest
    @CsvSource({"cifar-cnn, BFLOAT16", "cifar-cnn, FLOAT16", "resnet20, BFLOAT16", "resnet20, FLOAT16"})
    void reachesTheLossOfFloat32(String name, DType computed) {
        boolean whole = FULL || name.equals("cifar-cnn");
        int seeds = whole ? 3 : 1;
        int steps = whole ? 200 : 60;
        double[] full = new double[seeds];
        double[] mixed = new double[seeds];
        for (int seed = 0; seed < seeds; seed++) {
            full[seed] = loss(name, Precision.full(), seed, steps);
            mixed[seed] = loss(name, Precision.mixed(computed), seed, steps);
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
    private static double loss(String name, Precision precision, int seed, int steps) {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, Models.byName(name, 10), precision, seed)) {
            Trainer trainer =
                    Trainer.classifier(model, new Adam(1e-3)).seed(seed).build();
            DataLoader loader = DataLoader.of(GeneratedImages.train(seed, steps * BATCH), BATCH)
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
