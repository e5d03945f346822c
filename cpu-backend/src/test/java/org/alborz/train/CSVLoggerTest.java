package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataLoader;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CSVLoggerTest {
    private static final String HEADER = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate";

    @TempDir
    Path directory;

    private final Session session = Session.open("cpu-vector");
    private final DataLoader data = TrainingRuns.loader(32, 16);
    private Path file;
    private Path checkpoint;

    @BeforeEach
    void names() {
        file = directory.resolve("logs/run.csv");
        checkpoint = directory.resolve("run.safetensors");
    }

    @AfterEach
    void close() {
        session.close();
    }

    /** Trains to an epoch, from a checkpoint or null, and saves. */
    private void train(CSVLogger logger, Path from, int epochs) {
        try (Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2), logger)) {
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            trainer.fit(data, data, epochs);
            Checkpoint.save(checkpoint, trainer, Map.of());
            trainer.model().close();
        }
    }

    private List<String> straight(int epochs) throws IOException {
        Path whole = directory.resolve("whole.csv");
        train(new CSVLogger(whole), null, epochs);
        return Files.readAllLines(whole);
    }

    @Test
    void aResumedRunHasEachEpochOnce() throws IOException {
        List<String> whole = straight(4);
        assertThat(whole).hasSize(5).first().isEqualTo(HEADER);
        assertThat(whole.get(4)).matches("4(,[\\d.E-]+){5}");
        train(new CSVLogger(file), null, 2);
        // A kill after a later epoch, and within a line.
        Files.writeString(file, whole.get(3) + "\n4,0.1", StandardOpenOption.APPEND);
        train(new CSVLogger(file), checkpoint, 4);
        assertThat(Files.readAllLines(file)).isEqualTo(whole);
        assertThat(file.getParent().toFile().list()).containsExactly("run.csv");
    }

    @Test
    void aNewRunReplacesTheFileOrGoesOnBehindIt() throws IOException {
        List<String> whole = straight(2);
        train(new CSVLogger(file), null, 1);
        train(new CSVLogger(file), null, 2);
        assertThat(Files.readAllLines(file)).isEqualTo(whole);
        train(new CSVLogger(file).append(), null, 1);
        Files.writeString(file, "2,9,9,9,9,9\n", StandardOpenOption.APPEND);
        train(new CSVLogger(file).append(), checkpoint, 2);
        assertThat(Files.readAllLines(file))
                .containsExactly(HEADER, whole.get(1), whole.get(2), whole.get(1), whole.get(2));
    }

    @Test
    void aSeparatorIsChosenAndHasToStay() throws IOException {
        train(new CSVLogger(file).separator(";"), null, 1);
        assertThat(Files.readAllLines(file)).first().isEqualTo(HEADER.replace(',', ';'));
        assertThatThrownBy(() -> train(new CSVLogger(file), checkpoint, 2))
                .hasMessageContaining("another separator than ,: ';'");
        for (String wrong : List.of("", "::", "1", "\n", "-")) {
            assertThatThrownBy(() -> new CSVLogger(file).separator(wrong)).hasMessageContaining("one character");
        }
    }

    @Test
    void anotherFileIsNotTouched() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "a,b\n1,2\n");
        assertThatThrownBy(() -> train(new CSVLogger(file).append(), null, 1))
                .hasMessageContainingAll(file.toString(), "'a,b'", "name another");
        Files.writeString(file, "one line without an end");
        assertThatThrownBy(() -> train(new CSVLogger(file).append(), null, 1))
                .hasMessageContainingAll(file.toString(), "'one line without an end'", "name another");
        assertThat(Files.readString(file)).isEqualTo("one line without an end");
        Files.writeString(file, "epoch,loss\n1,2\n");
        assertThatThrownBy(() -> train(new CSVLogger(file).append(), null, 1))
                .hasMessageContainingAll("to have the columns " + HEADER, "'epoch,loss'");
        assertThat(Files.readString(file)).isEqualTo("epoch,loss\n1,2\n");
    }
}
