package org.alborz.cli;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.alborz.data.DataException;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;

/**
 * The figures of a run's epochs, kept in a CSV file that grows with each. Checkpoints hold them as well, with all digits, so a resumed run
 * does not depend on what a kill or a power cut left of the file.
 */
final class History implements Callback {
    /** What the file begins with: the columns of loss, metrics and times follow. */
    static final String START = "epoch,loss,";

    private static final String COLUMNS = "columns";
    private static final String VALIDATION_ACCURACY = "val_accuracy";
    private static final String SECONDS = "seconds";
    private static final String PER_SECOND = "_per_second";
    private static final String LEARNING_RATE = "learning_rate";

    /** So many epochs go into one entry of a checkpoint's metadata, of which the size is limited. */
    private static final int EPOCHS_AN_ENTRY = 1_000;

    private final Path file;
    private final String unit;
    private final List<Epoch> epochs = new ArrayList<>();

    /**
     * The figures of one epoch.
     *
     * @param epoch counted from 1
     * @param figures by their names, in the order of the columns
     */
    record Epoch(int epoch, @JsonAnyGetter Map<String, Double> figures) {
        Epoch {
            figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
        }

        static Epoch of(EpochResult result, double learningRate, String unit) {
            Map<String, Double> figures = new LinkedHashMap<>(result.figures());
            figures.put(LEARNING_RATE, learningRate);
            figures.put(SECONDS, result.seconds());
            figures.put(unit + PER_SECOND, result.samplesPerSecond());
            return new Epoch(result.epoch(), figures);
        }

        /** Returns the figure of the validation that says how good the epoch was. */
        String describedBy(Task task) {
            double figure = figures.get(task.bestFigure());
            return task == Task.CLASSIFICATION
                    ? String.format(Locale.ROOT, "validation accuracy %.1f %%, after epoch %d", 100 * figure, epoch)
                    : String.format(Locale.ROOT, "validation loss %.4f, after epoch %d", figure, epoch);
        }

        List<String> columns() {
            return List.copyOf(figures.keySet());
        }

        String toCsv() {
            return line(figure -> String.format(Locale.ROOT, format(figure.getKey()), figure.getValue()));
        }

        private static String format(String column) {
            return switch (column) {
                case SECONDS -> "%.2f";
                case LEARNING_RATE -> "%.6g";
                default -> column.endsWith(PER_SECOND) ? "%.1f" : "%.6f";
            };
        }

        /** Returns the figures as {@link #parse} takes them, with all digits. */
        String toText() {
            return line(figure -> figure.getValue().toString());
        }

        private String line(Function<Map.Entry<String, Double>, String> text) {
            return epoch + "," + figures.entrySet().stream().map(text).collect(Collectors.joining(","));
        }

        static Epoch parse(List<String> columns, String line) {
            String[] words = line.split(",", -1);
            if (words.length != 1 + columns.size()) {
                throw new IllegalArgumentException(
                        "an epoch has " + columns.size() + " figures, and here are " + (words.length - 1));
            }
            Map<String, Double> figures = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                double value = Double.parseDouble(words[i + 1]);
                if (!isPossible(columns.get(i), value)) {
                    throw new IllegalArgumentException("the history has an epoch with impossible figures: " + line);
                }
                figures.put(columns.get(i), value);
            }
            return new Epoch(Integer.parseInt(words[0]), figures);
        }

        /** Tells whether an epoch that was saved can have this figure; one of a loss that is not finite is not saved. */
        private static boolean isPossible(String column, double value) {
            return switch (column) {
                case "loss", "val_loss" -> Double.isFinite(value);
                case "accuracy", VALIDATION_ACCURACY -> value >= 0 && value <= 1;
                case SECONDS, LEARNING_RATE -> value >= 0 && Double.isFinite(value);
                default -> !column.endsWith(PER_SECOND) || value >= 0;
            };
        }
    }

    /**
     * Keeps the figures of a run.
     *
     * @param unit what samples are called in the column of the speed
     */
    History(Path file, String unit) {
        this.file = file;
        this.unit = unit;
    }

    @Override
    public Map<String, String> state() {
        Map<String, String> state = new LinkedHashMap<>();
        state.put(COLUMNS, String.join(",", columns()));
        int from = 0;
        do {
            int to = Math.min(epochs.size(), from + EPOCHS_AN_ENTRY);
            state.put(
                    "from" + from,
                    epochs.subList(from, to).stream().map(Epoch::toText).collect(Collectors.joining("\n")));
            from = to;
        } while (from < epochs.size());
        return state;
    }

    @Override
    public void restore(Map<String, String> state) {
        List<String> columns = List.of(state.getOrDefault(COLUMNS, "").split(","));
        List<Epoch> saved = new ArrayList<>();
        state.forEach((key, lines) -> {
            if (!key.equals(COLUMNS)) {
                lines.lines().map(line -> Epoch.parse(columns, line)).forEach(saved::add);
            }
        });
        saved.sort(Comparator.comparingInt(Epoch::epoch));
        for (int i = 0; i < saved.size(); i++) {
            if (saved.get(i).epoch() != i + 1) {
                throw new IllegalArgumentException("the history has no epoch " + (i + 1) + ", or has it twice");
            }
        }
        epochs.clear();
        epochs.addAll(saved);
    }

    /**
     * Brings the file to where the checkpoint stands.
     *
     * @param finished how many epochs the resumed trainer has done
     */
    void resume(Path checkpoint, int finished) {
        if (epochs.size() != finished) {
            throw new DataException(checkpoint + " is damaged: it was saved after " + finished
                    + " epochs and has the figures of " + epochs.size() + "; use another checkpoint");
        }
        if (epochs.isEmpty()) {
            AtomicFile.delete(file);
        } else {
            AtomicFile.write(file, header() + csv(epochs));
        }
    }

    @Override
    public boolean rankZeroOnly() {
        return true;
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        Epoch epoch = Epoch.of(result, trainer.learningRate(), unit);
        if (!epochs.isEmpty() && !epoch.columns().equals(columns())) {
            throw new DataException(file + " has the columns " + columns() + ", and epoch " + epoch.epoch()
                    + " was measured by " + epoch.columns() + "; resume with the same metrics, or start a new run");
        }
        epochs.add(epoch);
        try {
            String header = Files.exists(file) ? "" : header();
            String line = csv(epochs.subList(epochs.size() - 1, epochs.size()));
            Files.writeString(file, header + line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw CommandFailure.unwritable(file, e);
        }
    }

    private List<String> columns() {
        return epochs.isEmpty() ? List.of() : epochs.get(0).columns();
    }

    private String header() {
        return "epoch," + String.join(",", columns()) + "\n";
    }

    private static String csv(List<Epoch> lines) {
        return lines.stream().map(epoch -> epoch.toCsv() + "\n").collect(Collectors.joining());
    }

    List<Epoch> epochs() {
        return List.copyOf(epochs);
    }

    /** Returns the epoch of the highest validation accuracy, or of the smallest validation loss where nothing is classified. */
    Optional<Epoch> best(Task task) {
        Comparator<Epoch> byFigure =
                Comparator.comparingDouble(epoch -> epoch.figures().get(task.bestFigure()));
        return epochs.stream().max(task.isLargerBetter() ? byFigure : byFigure.reversed());
    }
}
