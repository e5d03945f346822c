package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alborz.backend.BackendOptions;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataException;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.GeneratedImages;
import org.alborz.data.Sample;
import org.alborz.distributed.Collective;
import org.alborz.distributed.CollectiveException;
import org.alborz.models.Models;
import org.alborz.nn.Model;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.RankThreads.Outcome;
import org.alborz.type.DType;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A rank that cannot read its batch ends the others between two rounds, where they can be saved. */
@Timeout(300)
class FailedBatchTest {
    private static final int BATCH = 2;

    @TempDir
    Path folder;

    /** Images of which one cannot be read. */
    private record Damaged(Dataset images, int damaged) implements Dataset {
        @Override
        public int size() {
            return images.size();
        }

        @Override
        public List<Field> fields() {
            return images.fields();
        }

        @Override
        public void read(int index, Sample into) {
            if (index == damaged) {
                throw new DataException("image " + index + " is damaged");
            }
            images.read(index, into);
        }

        @Override
        public String description() {
            return images.description();
        }

        @Override
        public int label(int index) { // a folder's name
            return images.label(index);
        }

        @Override
        public List<String> classes() {
            return images.classes();
        }
    }

    private static DataLoader data(int damaged) {
        return DataLoader.of(new Damaged(GeneratedImages.train(3, 16), damaged), BATCH)
                .workers(1)
                .build();
    }

    /** With batch norm, whose running statistics a batch changes before its step. */
    private static Model model(Session session) {
        return Model.create(session, Models.byName("resnet20", 10), 1);
    }

    private static Trainer trainer(Model model, Collective collective) {
        return Trainer.classifier(model, new Sgd(0.01).momentum(0.9))
                .collective(collective)
                .build();
    }

    private static Session open() {
        return Session.open("cpu-vector", BackendOptions.defaults().withThreads(1), DType.FLOAT32);
    }

    private static float[] values(Trainer trainer) {
        return trainer.trainedValues().toFloats();
    }

    /** Batch 5 is of rank 1, and 4 of rank 0, in the third round; the even images are read before the training, to tell data apart. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void theOtherRanksStandAfterAWholeStep(int failing) throws Exception {
        List<float[]> whole = RankThreads.run("local", 2, collective -> {
            try (Session session = open();
                    Model model = model(session);
                    Trainer trainer = trainer(model, collective)) {
                trainer.fit(data(-1), 1);
                return values(trainer);
            }
        });
        Path saved = folder.resolve("saved.safetensors");
        List<Outcome<Void>> outcomes = RankThreads.outcomes("local", 2, collective -> {
            try (Session session = open();
                    Model model = model(session);
                    Trainer trainer = trainer(model, collective)) {
                try {
                    trainer.fit(data((4 + failing) * BATCH + 1), 1);
                    return null;
                } catch (DataException | CollectiveException e) {
                    assertThat(trainer.step()).as(e.toString()).isEqualTo(2);
                    assertThat(trainer.nextBatch()).isEqualTo(4);
                    assertThat(trainer.metrics().samples()).isEqualTo(4L * BATCH);
                    if (collective.rank() != failing) {
                        Checkpoint.save(saved, trainer, Map.of());
                    }
                    throw e;
                }
            }
        });
        assertThat(outcomes.get(failing).failure()).isInstanceOf(DataException.class);
        assertThat(outcomes.get(1 - failing).failure()).isInstanceOf(CollectiveException.class);
        List<float[]> resumed = RankThreads.run("local", 2, collective -> {
            try (Session session = open();
                    Model model = model(session);
                    Trainer trainer = trainer(model, collective)) {
                Checkpoint.resume(saved, trainer);
                trainer.fit(data(-1), 1);
                return values(trainer);
            }
        });
        assertThat(Arrays.equals(resumed.get(0), whole.get(0))).isTrue();
    }
}
