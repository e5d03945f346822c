package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.alborz.AllocatedBytes;
import org.alborz.backend.BackendOptions;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A step of ranks that train together makes no garbage of the size of its gradients. By cpu-scalar, whose garbage does not depend on the compiler. */
@Timeout(300)
class RankAllocationTest {
    private static final int STEPS = 30;

    /** Of each rank: 1.2 MB, five pieces of a sum. */
    private static final int OUTPUTS = 100;

    /** All ranks' steps together, half of the gradients of one; what is left are handles of tensors, a tape, and messages of a few numbers. */
    private static final long MOST = 600_000;

    @ParameterizedTest
    @CsvSource({"local, 2", "tcp, 2", "tcp, 3"})
    void aStepAllocatesLittleBesideItsGradients(String kind, int ranks) throws Exception {
        List<long[]> allocated = RankThreads.run(kind, ranks, collective -> {
            DataLoader loader = DataLoader.of(GeneratedImages.train(1, 2 * ranks * STEPS), 2)
                    .workers(1)
                    .build();
            try (Session session =
                            Session.open("cpu-scalar", BackendOptions.defaults().withThreads(1), DType.FLOAT32);
                    Model model =
                            Model.create(session, new Sequential(new Flatten(), new Linear(3 * 32 * 32, OUTPUTS)), 1)) {
                Watch watch = new Watch();
                Trainer.classifier(model, new Sgd(0.01))
                        .collective(collective)
                        .callback(watch)
                        .build()
                        .fit(loader, 1);
                return watch.allocated;
            }
        });
        long[] steps = allocated.get(0);
        Arrays.sort(steps); // the median, as threads begin and frames are made in the first
        assertThat(steps[STEPS / 2]).as("bytes a step, all threads").isLessThan(MOST);
    }

    /** Notes what all threads have allocated between two steps of a rank. */
    private static final class Watch implements Callback {
        private final long[] allocated = new long[STEPS];
        private long before;

        @Override
        public void onStepEnd(Trainer trainer) {
            long now = AllocatedBytes.ofAllThreads();
            allocated[(int) trainer.step() - 1] = now - before;
            before = now;
        }
    }
}
