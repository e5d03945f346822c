package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Model;
import org.alborz.softwarecuda.SoftwareCuda;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code speedrun} trains, with steps that are captured, over the software libraries and on the CPU. */
@Tag("sweep") // it trains a net with each optimizer and precision on two backends
@Tag("emulation")
final class SpeedrunOnSoftwareGpuTest {
    private static final String LIBRARIES = "alborz.cuda.libraries";
    private static final int EPOCHS = 4;
    private static final int IMAGES = 16;
    private static final int BATCH = 8;

    @ParameterizedTest
    @CsvSource({
        "nesterov, float32, 1e-3",
        "nesterov, bfloat16, 3e-2",
        "nesterov, float16, 3e-2",
        "muon, float32, 1e-3",
        "muon, bfloat16, 3e-2"
    })
    void hasTheLossesOfTheCpu(String optimizer, String precision, double tolerance) {
        SoftwareCuda built = SoftwareCuda.build();
        assumeTrue(built instanceof SoftwareCuda.Ready, () -> "SKIPPED: " + built);
        System.setProperty(LIBRARIES, ((SoftwareCuda.Ready) built).folder().toString());
        try {
            SpeedrunSettings settings = new SpeedrunSettings(
                    EPOCHS, BATCH, 0.1, optimizer.equals("muon") ? 0.002 : 1, precision, optimizer, true);
            List<Double> cuda = losses("cuda", settings);
            List<Double> cpu = losses("cpu-vector", settings);
            assertThat(cuda).hasSize(EPOCHS * IMAGES / BATCH);
            for (int step = 0; step < cuda.size(); step++) {
                assertThat(cuda.get(step))
                        .as("mean loss of the epoch after step %d", step + 1)
                        .isCloseTo(cpu.get(step), within(tolerance));
            }
        } finally {
            System.clearProperty(LIBRARIES);
        }
    }

    private static List<Double> losses(String backend, SpeedrunSettings settings) {
        Dataset images = GeneratedImages.train(1, IMAGES);
        List<Double> losses = new ArrayList<>();
        try (Session session = Session.open(backend);
                Model model = settings.model(session, 10, SpeedrunSettings.whitening(images), 1)) {
            DataLoader loader = settings.loader(images, 1);
            Trainer trainer = settings.trainer(model, loader, 1, new Callback() {
                @Override
                public void onStepEnd(Trainer running) {
                    losses.add(running.metrics().loss());
                }
            });
            trainer.fit(loader, EPOCHS);
        }
        return losses;
    }
}
