package org.alborz.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.nn.Activations;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Flight Recorder's recording holds of a training. */
class EventsTest {
    private static final int STEPS = 5;

    @TempDir
    Path folder;

    private static float[] trained() {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(
                        session, new Sequential(new Linear(4, 8), Activations.relu(), new Linear(8, 3)), 1)) {
            ArrayDataset data = ArrayDataset.of(new float[4 * STEPS][4], new int[4 * STEPS]);
            try (Trainer trainer =
                    Trainer.classifier(model, new Sgd(0.1)).verbose(false).build()) {
                trainer.fit(DataLoader.of(data, 4).build(), 1);
            }
            return model.values().toFloats();
        }
    }

    private List<RecordedEvent> recorded(Recording recording) throws IOException {
        Path file = folder.resolve("recording.jfr");
        recording.stop();
        recording.dump(file);
        return RecordingFile.readAllEvents(file);
    }

    private static List<RecordedEvent> of(List<RecordedEvent> events, String name, Predicate<RecordedEvent> fits) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("org.alborz." + name))
                .filter(fits)
                .toList();
    }

    @Test
    void stepsOperationsCopiesAndAllocationsAreRecorded() throws IOException {
        float[] unrecorded = trained();
        float[] values;
        List<RecordedEvent> events;
        try (Recording recording = new Recording()) {
            for (String name : List.of("TrainingStep", "Operation", "Copy", "Allocation")) {
                recording.enable("org.alborz." + name).withoutThreshold();
            }
            recording.start();
            values = trained();
            events = recorded(recording);
        }
        assertThat(values).as("the same bits").isEqualTo(unrecorded);
        List<RecordedEvent> steps = of(events, "TrainingStep", event -> true);
        assertThat(steps).extracting(event -> event.getLong("step")).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L);
        assertThat(steps).allMatch(event -> event.getInt("samples") == 4 && event.getDouble("learningRate") == 0.1);
        assertThat(steps.get(0).getDuration()).isPositive();
        assertThat(steps.get(0).getEventType().getCategoryNames()).containsExactly("Alborz");

        List<RecordedEvent> first =
                of(events, "Operation", event -> "0".equals(event.getString("layer")) && !event.getBoolean("backward"));
        assertThat(first)
                .filteredOn(event -> event.getString("operation").equals("LinearOp"))
                .hasSizeGreaterThanOrEqualTo(STEPS)
                .anySatisfy(event -> {
                    assertThat(event.getString("inputs")).startsWith("[4, 4] float32, [8, 4] float32, [8] float32");
                    assertThat(event.getString("results")).isEqualTo("[4, 8] float32");
                    assertThat(event.getLong("bytes")).isEqualTo(4 * (16 + 32 + 8 + 32));
                    assertThat(event.getLong("multiplyAdds")).isEqualTo(4 * 4 * 8);
                });
        assertThat(of(
                        events,
                        "Operation",
                        event -> "2".equals(event.getString("layer")) && event.getBoolean("backward")))
                .isNotEmpty();
        assertThat(of(events, "Operation", event -> event.getString("operation").equals("SGD")))
                .hasSize(STEPS)
                .allMatch(event -> event.getString("layer") == null);
        assertThat(of(events, "Copy", event -> event.getString("direction").equals("to device")))
                .anyMatch(event -> event.getLong("bytes") == 4 * 16);
        assertThat(of(events, "Copy", event -> event.getString("direction").equals("to host")))
                .isNotEmpty();
        assertThat(of(events, "Allocation", event -> true))
                .isNotEmpty()
                .allMatch(event -> event.getLong("bytes") >= 0 && event.getLong("used") >= event.getLong("bytes"));
    }

    @Test
    void whatIsNotAskedForIsNotRecorded() throws IOException {
        try (Recording recording = new Recording()) {
            recording.enable("org.alborz.TrainingStep");
            recording.disable("org.alborz.Operation");
            recording.disable("org.alborz.Copy");
            recording.disable("org.alborz.Allocation");
            recording.start();
            trained();
            List<RecordedEvent> events = recorded(recording);
            assertThat(of(events, "TrainingStep", event -> true)).hasSize(STEPS);
            assertThat(of(events, "Operation", event -> true)).isEmpty();
        }
        Events none = Events.find();
        assertThat(none.recordsOperations()).isFalse();
        assertThat(none.beginOperation()).isNull();
        assertThat(none.beginCopy()).isNull();
        assertThat(none.beginAllocation()).isNull();
        assertThat(none.beginStep()).isNull();
    }

    /** The class that is used where Java has no Flight Recorder names none of its classes. */
    @Test
    void nothingIsToldWithoutTheModule() {
        Events without = new Events();
        assertThat(without.recordsOperations()).isFalse();
        assertThat(without.beginOperation()).isNull();
        assertThat(Events.class.getSuperclass()).isEqualTo(Object.class);
    }
}
