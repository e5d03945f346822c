package org.alborz.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
    static final String HEADER = "epoch,loss,accuracy,validation_loss,validation_accuracy,seconds,images_per_second";

    /** So many epochs go into one entry of a checkpoint's metadata, of which the size is limited. */
    private static final int EPOCHS_AN_ENTRY = 1_000;

    private final Path file;
    private final List<Epoch> epochs = new ArrayList<>();

    /** The figures of one epoch, counted from 1. */
    record Epoch(
            int epoch,
            double loss,
            double accuracy,
            double validationLoss,
            double validationAccuracy,
            double seconds,
            double imagesPerSecond) {
        static Epoch of(EpochResult result) {
            return new Epoch(
                    result.epoch(),
                    result.loss(),
                    result.accuracy(),
                    result.validation().loss(),
                    result.validation().accuracy(),
                    result.seconds(),
                    result.samplesPerSecond());
        }

        String toCsv() {
            return String.format(
                    Locale.ROOT,
                    "%d,%.6f,%.4f,%.6f,%.4f,%.2f,%.1f",
                    epoch,
                    loss,
                    accuracy,
                    validationLoss,
                    validationAccuracy,
                    seconds,
                    imagesPerSecond);
        }

        /** Returns the figures as {@link #parse} takes them, with all digits. */
        String toText() {
            return epoch + "," + loss + "," + accuracy + "," + validationLoss + "," + validationAccuracy + "," + seconds
                    + "," + imagesPerSecond;
        }

        static Epoch parse(String line) {
            String[] f = line.split(",", -1);
            if (f.length != 7) {
                throw new IllegalArgumentException("an epoch has 7 figures, and here are " + f.length);
            }
            Epoch epoch = new Epoch(
                    Integer.parseInt(f[0]),
                    Double.parseDouble(f[1]),
                    Double.parseDouble(f[2]),
                    Double.parseDouble(f[3]),
                    Double.parseDouble(f[4]),
                    Double.parseDouble(f[5]),
                    Double.parseDouble(f[6]));
            if (!epoch.isPossible()) {
                throw new IllegalArgumentException("the history has an epoch with impossible figures: " + line);
            }
            return epoch;
        }

        /** Tells whether an epoch that was saved can have these figures; one of a loss that is not finite is not saved. */
        private boolean isPossible() {
            return Double.isFinite(loss)
                    && Double.isFinite(validationLoss)
                    && accuracy >= 0
                    && accuracy <= 1
                    && validationAccuracy >= 0
                    && validationAccuracy <= 1
                    && seconds >= 0
                    && Double.isFinite(seconds)
                    && imagesPerSecond >= 0;
        }
    }

    History(Path file) {
        this.file = file;
    }

    @Override
    public Map<String, String> state() {
        Map<String, String> state = new LinkedHashMap<>();
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
        List<Epoch> saved = new ArrayList<>();
        for (String lines : state.values()) {
            lines.lines().map(Epoch::parse).forEach(saved::add);
        }
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
        AtomicFile.write(file, HEADER + "\n" + csv(epochs));
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        epochs.add(Epoch.of(result));
        try {
            String header = Files.exists(file) ? "" : HEADER + "\n";
            String line = csv(epochs.subList(epochs.size() - 1, epochs.size()));
            Files.writeString(file, header + line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw CommandFailure.unwritable(file, e);
        }
    }

    private static String csv(List<Epoch> lines) {
        return lines.stream().map(epoch -> epoch.toCsv() + "\n").collect(Collectors.joining());
    }

    List<Epoch> epochs() {
        return List.copyOf(epochs);
    }

    /** Returns the epoch of the highest validation accuracy. */
    Optional<Epoch> best() {
        return epochs.stream().max(Comparator.comparingDouble(Epoch::validationAccuracy));
    }
}
