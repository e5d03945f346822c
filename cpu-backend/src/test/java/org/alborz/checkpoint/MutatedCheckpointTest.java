package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.EarlyStopping;
import org.alborz.train.Trainer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and forged checkpoints are refused with a {@link CheckpointException} and change nothing, or are loaded as they were meant. */
class MutatedCheckpointTest {
    /** Far more than any takes, on the slowest machine. */
    private static final long MOST_NANOS = 20_000_000_000L;

    @TempDir
    Path directory;

    private Path file;
    private byte[] original;

    @Test
    void someHundred() throws IOException {
        assertThat(refused(1, 500, false)).isGreaterThan(400);
        assertThat(refused(1, 100, true)).isEqualTo(100);
    }

    @Test
    @Tag("sweep")
    void tenThousand() throws IOException {
        assertThat(refused(1000, 10_000, false)).isGreaterThan(9000);
        assertThat(refused(1000, 2000, true)).isEqualTo(2000);
    }

    /**
     * Tries mutations of consecutive seeds and returns how many were refused by {@code resume}.
     *
     * @param foreign whether the file is as another program writes it, without metadata and so without a digest
     */
    private int refused(long firstSeed, int count, boolean foreign) throws IOException {
        file = directory.resolve("mutated.safetensors");
        try (Session session = Session.open("cpu-scalar")) {
            Trainer trainer = trainer(session, 1);
            List<Double> saved;
            try (Model model = trainer.model()) {
                trainer.fit(DataLoader.of(GeneratedImages.train(3, 8), 4).build(), 1);
                Path source = directory.resolve("original.safetensors");
                Checkpoint.save(source, trainer, Map.of("purpose", "test"));
                original = foreign ? withoutMetadata(source) : Files.readAllBytes(source);
                Files.write(source, original);
                saved = stateOf(trainer);
            }
            int refused = 0;
            Trainer other = trainer(session, 2);
            try (Model model = other.model()) {
                for (long seed = firstSeed; seed < firstSeed + count; seed++) {
                    if (tryOne(seed, other, saved, foreign)) {
                        refused++;
                    } else {
                        other = restarted(session, other);
                    }
                }
            } finally {
                other.model().close();
            }
            return refused;
        }
    }

    /** Returns the model's tensors as another program would have written them. */
    private byte[] withoutMetadata(Path source) throws IOException {
        Path plain = directory.resolve("plain.safetensors");
        try (SafetensorsFile saved = SafetensorsFile.open(source)) {
            List<SafetensorsEntry> entries = saved.entries().stream()
                    .filter(entry -> entry.name().startsWith("model."))
                    .toList();
            try (SafetensorsWriter writer = SafetensorsWriter.create(plain, Map.of(), entries)) {
                for (SafetensorsEntry entry : entries) {
                    ByteBuffer bytes = ByteBuffer.allocate((int) entry.bytes());
                    saved.read(entry.name(), bytes);
                    writer.write(entry.name(), bytes.flip());
                }
                writer.commit();
            }
        }
        byte[] bytes = Files.readAllBytes(plain);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int from = text.indexOf("\"__metadata__\"");
        int to = text.indexOf("},", from) + 2;
        Arrays.fill(bytes, from, to, (byte) ' ');
        return bytes;
    }

    private static Trainer restarted(Session session, Trainer used) {
        used.model().close();
        return trainer(session, 2);
    }

    /** Returns whether the file was refused to resume from. */
    private boolean tryOne(long seed, Trainer trainer, List<Double> saved, boolean foreign) throws IOException {
        Mutations mutation = new Mutations(original, seed);
        byte[] bytes = mutation.apply(file);
        if (bytes != null) {
            Files.write(file, bytes);
        }
        String what = "seed " + seed + ": " + mutation.description();
        long start = System.nanoTime();
        try {
            isRefused(what, trainer, () -> Checkpoint.metadata(file));
            boolean refused = isRefused(what, trainer, () -> Checkpoint.resume(file, trainer));
            if (!refused && !mutation.isSigned()) {
                assertThat(stateOf(trainer)).as(what).isEqualTo(saved);
            }
            if (refused) {
                boolean weights = !isRefused(what, trainer, () -> Weights.load(file, trainer.model()));
                boolean part =
                        !isRefused(what, trainer, () -> Weights.load(file, trainer.model(), LoadOptions.partial()));
                assertThat((weights || part) && !mutation.isSigned() && !foreign)
                        .as("weights taken from a damaged file, %s", what)
                        .isFalse();
            }
            assertThat(System.nanoTime() - start).as("time, %s", what).isLessThan(MOST_NANOS);
            return refused;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what, e);
        }
    }

    /** Tells whether a call is refused as documented; if so, nothing may have changed. */
    private static boolean isRefused(String what, Trainer trainer, Runnable call) {
        List<Double> before = stateOf(trainer);
        try {
            call.run();
            return false;
        } catch (CheckpointException e) {
            assertThat(stateOf(trainer)).as(what).isEqualTo(before);
            assertThat(e.getMessage())
                    .as(what)
                    .doesNotContainPattern("[\\x00-\\x1f\\x7f]")
                    .hasSizeLessThan(5000);
            return true;
        }
    }

    private static Trainer trainer(Session session, long seed) {
        Model model = Model.create(
                session,
                new Sequential(
                        new Conv2d(3, 2, 3).stride(2),
                        new BatchNorm(2),
                        new GlobalAvgPool2d(),
                        new Flatten(),
                        new Linear(2, 10)),
                seed);
        return Trainer.classifier(model, new Adam(1e-2), Loss.crossEntropy(0.1))
                .seed(13)
                .callback(new EarlyStopping(3))
                .build();
    }

    private static List<Double> stateOf(Trainer trainer) {
        List<Double> state = new ArrayList<>();
        trainer.model().parameters().values().forEach(p -> add(state, p.value().toDoubles()));
        trainer.optimizer().state().values().forEach(tensor -> add(state, tensor.toDoubles()));
        state.add((double) trainer.step());
        state.add((double) trainer.epoch());
        state.add((double) trainer.nextBatch());
        add(state, trainer.metrics().lossSum(), trainer.metrics().samples(), trainer.batches());
        trainer.sums().values().forEach(sum -> add(state, sum.toDoubles()));
        state.add((double) trainer.callbacks().get(0).state().hashCode());
        return state;
    }

    private static void add(List<Double> state, double... values) {
        for (double value : values) {
            state.add(value);
        }
    }
}
