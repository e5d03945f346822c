package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.BackendOptions;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.driver.StreamWork;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds what a captured step of {@code speedrun} puts on the GPU. A change that lowers a number lowers the limit with it; none may raise it. */
final class SpeedrunBudgetTest {
    private static final int BATCH = 64;

    /** The first is eager and the second captured; after the fifth the slow weights follow. */
    private static final int STEPS = 6;

    /** So many that no parameter is frozen meanwhile. */
    private static final int EPOCHS = 40;

    @RegisterExtension
    final IdleSoftwareGpu gpu = new IdleSoftwareGpu();

    /** Collects what is in the graph, and looks that a step that replays it does nothing else but gather its batch. */
    private static final class Counter implements Callback {
        private final CudaBackend backend;
        private final List<StreamWork> captured = new ArrayList<>();
        private final List<StreamWork> last = new ArrayList<>();

        Counter(CudaBackend backend) {
            this.backend = backend;
        }

        @Override
        public void onBatchBegin(Trainer trainer) {
            last.clear();
            backend.observe(work -> (work.captured() ? captured : last).add(work));
        }

        @Override
        public void onBatchEnd(Trainer trainer) {
            backend.observe(null);
            if (trainer.step() > 2) {
                assertThat(last.stream().map(StreamWork::name))
                        .as("step %d", trainer.step())
                        .containsExactly("gather_images", "gather", "set_replay", "graph");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nesterov, float32, false, 83",
        "nesterov, bfloat16, true, 114",
        "muon, bfloat16, true, 434",
        "muon, float16, true, 461"
    })
    void aStepIsOneGraph(String optimizer, String precision, boolean lookahead, int operations) {
        SpeedrunSettings settings = new SpeedrunSettings(EPOCHS, BATCH, 1, 1, precision, optimizer, lookahead);
        Dataset images = GeneratedImages.train(1, BATCH);
        CudaBackend backend = new CudaBackend(BackendOptions.defaults());
        Counter counter = new Counter(backend);
        try (Session session = Session.of(backend, DType.FLOAT32);
                Model model = settings.model(session, 10, SpeedrunSettings.whitening(images), 1)) {
            DataLoader loader = settings.loader(images, 1);
            settings.trainer(model, loader, 1, counter).fit(loader, STEPS);
        }
        System.out.printf("%s, %s: %d operations in the graph%n", optimizer, precision, counter.captured.size());
        assertThat(counter.captured.size()).isLessThanOrEqualTo(operations);
    }
}
