package org.alborz.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;
import org.alborz.monitor.ClassifierReport;
import org.alborz.monitor.FirstLayer;
import org.alborz.monitor.Picture;
import org.alborz.monitor.Report;
import org.alborz.monitor.ReportPage;
import org.alborz.monitor.StepLog;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;

/** Makes the page of a run from the files in its folder, also while the run goes on. */
final class RunReport {
    private static final int MISTAKES = 24;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private final RunFolder folder;

    /**
     * The settings of this process's run, or null of others. It has the run's lock, which the system would give up when the file is read by another
     * channel and closed (POSIX).
     */
    private final TrainSettings own;

    /** Describes the page of a run that another process may be at work on. */
    RunReport(RunFolder folder) {
        this(folder, null);
    }

    private RunReport(RunFolder folder, TrainSettings own) {
        this.folder = folder;
        this.own = own;
    }

    /** Describes the page of a run that this process has trained by these settings. */
    static RunReport ofOwn(RunFolder folder, TrainSettings settings) {
        return new RunReport(folder, settings);
    }

    /** Refuses a folder without a run. */
    void requireRun() {
        if (!Files.isDirectory(folder.path())) {
            throw new DataException("There is no folder '" + folder.path()
                    + "'; name the folder of a run, such as runs/NAME, which train says at its end");
        }
        switch (folder.state()) {
            case EMPTY, FOREIGN ->
                throw new DataException("There is no run in " + folder.path()
                        + "; name the folder of a run, such as runs/NAME, which train says at its end");
            case BEGUN, BEST_ONLY, SAVED -> {}
        }
    }

    /** Returns what the files say, without what has to be measured. */
    Report figures() {
        return report(null, List.of());
    }

    /** Tells whether there is something to measure: weights, and those of a classifier. */
    boolean canBeMeasured() {
        Path checkpoint = weights();
        return checkpoint != null && SavedModel.read(checkpoint).signature().task() == Task.CLASSIFICATION;
    }

    /**
     * Returns the same with what the best weights of the run, or else the last, get right and wrong on the samples; the figures alone where
     * it is no classifier or has no weights.
     */
    Report measured(Session session, Dataset samples, Screen screen) {
        if (!canBeMeasured()) {
            return figures();
        }
        Path checkpoint = weights();
        SavedModel saved = SavedModel.read(checkpoint);
        saved.requireSameClasses(samples);
        try (Model model = saved.open(session)) {
            String note = String.format(
                    Locale.ROOT,
                    "Measured with %s, after epoch %d, on %s.",
                    checkpoint.getFileName(),
                    saved.epochs(),
                    samples.description());
            return report(
                    measured(model, samples, note, screen),
                    FirstLayer.filters(model).stream().map(Picture::toDataUri).toList());
        }
    }

    private static ClassifierReport measured(Model model, Dataset samples, String note, Screen screen) {
        try (Progress progress = Progress.start(screen, "report", "samples", samples.size())) {
            return ClassifierReport.of(model, samples, MISTAKES, note, progress::to);
        }
    }

    /** Returns the best weights, or else the last, or null where there are none yet. */
    Path weights() {
        return Files.exists(folder.best()) ? folder.best() : folder.checkpoint();
    }

    void write(Report report) {
        AtomicFile.write(folder.report(), ReportPage.of(report));
    }

    TrainSettings settings() {
        if (own != null) {
            return own;
        }
        Optional<TrainSettings> noted = folder.settings();
        if (noted.isEmpty() && weights() == null) {
            throw new DataException(folder.settingsFile() + " cannot be read, and there is no checkpoint beside it");
        }
        return noted.orElseGet(() -> SavedModel.read(weights()).settings());
    }

    private Report report(ClassifierReport evaluation, List<String> filters) {
        TrainSettings settings = settings();
        List<Map<String, Double>> epochs = epochs();
        JsonNode result = result();
        Report.Steps steps = StepLog.read(folder.steps());
        Report.Status status = own == null && RunLock.isHeldElsewhere(folder)
                ? Report.Status.running
                : epochs.size() >= settings.epochs() ? Report.Status.finished : Report.Status.stopped;
        String backend = result.path("backend").asText("");
        return new Report(
                settings.model(),
                result.path("trainingData").asText(settings.data()) + (backend.isEmpty() ? "" : " · " + backend),
                status,
                status == Report.Status.stopped ? result.path("stopped").asText(null) : null,
                settings.epochs(),
                epochs,
                steps,
                result.has("parameters") ? (Long) result.get("parameters").asLong() : null,
                evaluation,
                filters,
                words(settings),
                machine(result, status),
                times(epochs, steps, result),
                "Alborz " + Alborz.version() + " · " + folder.path() + " · "
                        + TIME.format(Instant.now().atZone(ZoneId.systemDefault())));
    }

    /** Returns the figures in the CSV file, but for a last line without its end, which may be cut within a number. */
    private List<Map<String, Double>> epochs() {
        String text = text(folder.history());
        List<String> lines =
                text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        List<Map<String, Double>> epochs = new ArrayList<>();
        String[] columns = lines.isEmpty() ? new String[0] : lines.get(0).split(",", -1);
        for (int i = 1; i < lines.size(); i++) {
            String[] words = lines.get(i).split(",", -1);
            Map<String, Double> epoch = new LinkedHashMap<>();
            for (int j = 0; j < columns.length && words.length == columns.length; j++) {
                epoch.put(columns[j], number(words[j]));
            }
            if (epoch.get("epoch") != null) {
                epochs.add(epoch);
            }
        }
        return epochs;
    }

    private static Double number(String text) {
        try {
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static String text(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new DataException(file + " could not be read: " + e.getMessage(), e);
        }
    }

    /** Returns what the last finished call of {@code train} wrote, or an empty object. */
    private JsonNode result() {
        String text = text(folder.result());
        try {
            return JsonFile.tree(text.isBlank() ? "{}" : text);
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    folder.result() + " is damaged (" + e.getMessage() + "); remove it, the report is made without", e);
        }
    }

    private static Map<String, String> words(TrainSettings settings) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("Model", settings.model());
        words.put("Data", settings.data());
        if (settings.limit() > 0) {
            words.put("Limit", settings.limit() + " " + settings.source().unit());
        }
        words.put("Epochs", Integer.toString(settings.epochs()));
        words.put("Batch size", Integer.toString(settings.batchSize()));
        words.put("Optimizer", settings.optimizer());
        words.put("Learning rate", settings.learningRate() + ", " + settings.schedule());
        words.put("Weight decay", Double.toString(settings.weightDecay()));
        words.put("Augmentation", settings.augment() ? "flips and crops" : "none");
        words.put("Precision", settings.precision());
        words.put("Seed", Long.toString(settings.seed()));
        words.put("Saved every", settings.saveEvery());
        settings.details().forEach((name, value) -> words.put(name.replace('-', ' '), value));
        return words;
    }

    private static Map<String, String> machine(JsonNode result, Report.Status status) {
        Map<String, String> words = new LinkedHashMap<>();
        if (result.has("backend")) {
            words.put("Backend", result.path("backend").asText());
            words.put("Device", result.path("device").asText());
        }
        JsonNode machine = result.path("machine");
        if (machine.isMissingNode() && status == Report.Status.running) {
            machine = JsonFile.tree(JsonFile.text(Machine.ofThis()));
        }
        if (machine.isObject()) {
            words.put(
                    "Processor",
                    machine.path("cpu").asText() + ", "
                            + machine.path("processors").asInt() + " threads");
            words.put("System", machine.path("os").asText());
            words.put(
                    "Java",
                    machine.path("java").asText() + ", "
                            + machine.path("vendor").asText());
            words.put("Java heap", (machine.path("maxHeapBytes").asLong() >> 20) + " MiB at most");
        }
        return words;
    }

    private static Map<String, String> times(List<Map<String, Double>> epochs, Report.Steps steps, JsonNode result) {
        Map<String, String> words = new LinkedHashMap<>();
        if (!steps.time().isEmpty()) {
            words.put("First step", time(steps.time().get(0)));
            words.put("Last step", time(steps.time().get(steps.time().size() - 1)));
        }
        double seconds = epochs.stream()
                .mapToDouble(epoch -> epoch.get("seconds") == null ? 0 : epoch.get("seconds"))
                .sum();
        if (!epochs.isEmpty()) {
            words.put("Training", String.format(Locale.ROOT, "%.1f s", seconds));
            words.put("An epoch", String.format(Locale.ROOT, "%.1f s", seconds / epochs.size()));
        }
        if (result.has("seconds")) {
            words.put(
                    "Last call",
                    String.format(
                            Locale.ROOT, "%.1f s in all", result.get("seconds").asDouble()));
        }
        return words;
    }

    private static String time(double seconds) {
        return TIME.format(Instant.ofEpochMilli((long) (seconds * 1000)).atZone(ZoneId.systemDefault()));
    }
}
