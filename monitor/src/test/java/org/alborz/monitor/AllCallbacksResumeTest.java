package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Evaluation;
import org.alborz.train.Trainer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run under all callbacks together that fails at random places, each time starts again with everything new, and goes on by itself: it ends with the
 * bits and the files of a run that never failed.
 */
class AllCallbacksResumeTest {
    private static final int EPOCHS = 4;
    private static final List<String> PLACES = List.of(
            "batch begin", "batch end", "step end", "after step", "test begin", "test end", "epoch end", "after epoch");

    @TempDir
    Path directory;

    /** Fails the first time that one of its places is reached for the given time. */
    private static final class Failing implements Callback {
        private final String place;
        private int left;

        Failing(String place, int count) {
            this.place = place;
            this.left = count;
        }

        private void at(String here) {
            if (here.equals(place) && --left == 0) {
                throw new IllegalStateException("killed at " + here);
            }
        }

        @Override
        public void onBatchBegin(Trainer trainer) {
            at("batch begin");
        }

        @Override
        public void onBatchEnd(Trainer trainer) {
            at("batch end");
        }

        @Override
        public void onStepEnd(Trainer trainer) {
            at("step end");
        }

        @Override
        public void afterStep(Trainer trainer) {
            at("after step");
        }

        @Override
        public void onTestBegin(Trainer trainer) {
            at("test begin");
        }

        @Override
        public void onTestEnd(Trainer trainer, Evaluation evaluation) {
            at("test end");
        }

        @Override
        public void onEpochEnd(Trainer trainer, EpochResult result) {
            at("epoch end");
        }

        @Override
        public void afterEpoch(Trainer trainer, EpochResult result) {
            at("after epoch");
        }
    }

    private void requireSame(int seed) throws IOException {
        Random random = new Random(seed);
        Map<String, String> straight =
                AllCallbacksProgram.start(directory.resolve("straight"), EPOCHS, new Failing("never", 0), random);
        Path folder = directory.resolve("killed");
        Map<String, String> result = null;
        int kills = 0;
        while (result == null) {
            String place = PLACES.get(random.nextInt(PLACES.size()));
            boolean rare = place.startsWith("test") || place.contains("epoch");
            int count = kills >= 8 ? 0 : 1 + random.nextInt(rare ? 2 : 6);
            result = AllCallbacksProgram.start(folder, EPOCHS, new Failing(place, count), random);
            kills += result == null ? 1 : 0;
        }
        assertThat(kills).isPositive();
        assertThat(result.get("files")).contains("run.csv", "best.safetensors").doesNotContain("backup");
        Map<String, String> ended = result;
        straight.forEach((name, value) -> assertThat(ended.get(name)).as(name).isEqualTo(value));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aRunThatWasKilledEndsWithTheBitsOfOneThatWasNot(int seed) throws IOException {
        requireSame(seed);
    }
}
