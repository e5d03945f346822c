package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.optim.AdamW;
import org.alborz.optim.Optimizer;
import org.alborz.optim.ParameterGroup;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run with frozen parameters and groups of them goes on to the same bits. */
class FrozenResumeTest {
    @TempDir
    Path directory;

    private static Optimizer grouped() {
        return new AdamW(1e-2)
                .groups(
                        ParameterGroup.vectors().weightDecay(0),
                        ParameterGroup.named(name -> name.startsWith("7.")).rateFactor(0.5));
    }

    private static boolean isBackbone(String name) {
        return name.startsWith("0.") || name.startsWith("1.");
    }

    @Test
    void aResumedRunIsFrozenAsTheSavedOneAndGivesTheSameBits() {
        Path file = directory.resolve("half.safetensors");
        try (Session session = Session.open("cpu-vector")) {
            Trainer whole = TrainingRuns.trainer(session, grouped());
            whole.model().freeze(FrozenResumeTest::isBackbone);
            float[] backbone = whole.model().parameter("0.weight").value().toFloats();
            whole.fit(TrainingRuns.loader(12, 6), 1);
            Checkpoint.save(file, whole, Map.of());
            whole.fit(TrainingRuns.loader(12, 6), 2);

            Trainer resumed = TrainingRuns.trainer(session, grouped());
            resumed.model().freeze(name -> name.startsWith("7."));
            Checkpoint.resume(file, resumed);
            resumed.model()
                    .parameters()
                    .forEach((name, parameter) ->
                            assertThat(parameter.isFrozen()).as(name).isEqualTo(isBackbone(name)));
            resumed.fit(TrainingRuns.loader(12, 6), 2);
            whole.model()
                    .parameters()
                    .forEach((name, parameter) -> assertThat(
                                    resumed.model().parameter(name).value().toFloats())
                            .as(name)
                            .isEqualTo(parameter.value().toFloats()));
            assertThat(resumed.model().parameter("0.weight").value().toFloats()).isEqualTo(backbone);
        }
    }

    @Test
    void otherGroupsAreRefused() {
        Path file = directory.resolve("grouped.safetensors");
        try (Session session = Session.open("cpu-vector")) {
            Trainer saved = TrainingRuns.trainer(session, grouped());
            saved.fit(TrainingRuns.loader(12, 6), 1);
            Checkpoint.save(file, saved, Map.of());
            for (Optimizer other : new Optimizer[] {
                new AdamW(1e-2), new AdamW(1e-2).groups(ParameterGroup.vectors().weightDecay(0))
            }) {
                Trainer resumed = TrainingRuns.trainer(session, other);
                assertThatThrownBy(() -> Checkpoint.resume(file, resumed))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("optimizer");
            }
        }
    }
}
