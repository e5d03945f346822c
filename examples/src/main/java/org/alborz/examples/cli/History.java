package org.alborz.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.alborz.data.DataException;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;

/** The figures of a run's epochs, kept in a CSV file that grows with each. */
final class History implements Callback {
    private static final String HEADER =
            "epoch,loss,accuracy,validation_loss,validation_accuracy,seconds,images_per_second";

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

        static Epoch parse(String line) {
            String[] f = line.split(",", -1);
            return new Epoch(
                    Integer.parseInt(f[0]),
                    Double.parseDouble(f[1]),
                    Double.parseDouble(f[2]),
                    Double.parseDouble(f[3]),
                    Double.parseDouble(f[4]),
                    Double.parseDouble(f[5]),
                    Double.parseDouble(f[6]));
        }
    }

    History(Path file) {
        this.file = file;
    }

    /** Takes over the epochs that an earlier run finished before the checkpoint it goes on from. */
    void resume(int finishedEpochs) {
        if (!Files.exists(file)) {
            return;
        }
        try {
            List<String> lines = Files.readAllLines(file);
            for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
                Epoch epoch = Epoch.parse(line);
                if (epoch.epoch() <= finishedEpochs) {
                    epochs.add(epoch);
                }
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new DataException(file + " is damaged (" + e + "); remove it, and the run goes on without it", e);
        }
        AtomicFile.write(file, HEADER + "\n" + csv(epochs)); // at no time is there less in the file than is known
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
