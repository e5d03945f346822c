package org.alborz.monitor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.metrics.RunningMetrics;
import org.alborz.text.Given;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;

/**
 * Keeps in a CSV file what happens within epochs, some fifty lines for each: the loss since the line before, the learning rate, and by
 * parameter the ratio of a step's update to the weights. Writing a line waits for the device. It keeps no state and changes no bit of the
 * training; a resumed training drops the lines of steps that it does again.
 */
public final class StepLog implements Callback {
    private static final int LINES_AN_EPOCH = 50;
    private static final String HEADER = "step,epoch,time,loss,learning_rate";
    private static final int FIXED = 5;

    private final Path file;
    private UpdateRatios ratios;
    private int every;
    private double lossSum;
    private double weightSum;

    /**
     * Describes the log.
     *
     * @param file that is written; its folder exists
     */
    public StepLog(Path file) {
        this.file = Given.value(file, "StepLog", "a file");
    }

    @Override
    public boolean rankZeroOnly() {
        return true;
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        every = Math.max(1, trainer.loader().batchesPerEpoch() / trainer.accumulation() / LINES_AN_EPOCH);
        lossSum = trainer.metrics().lossSum();
        weightSum = weights(trainer.metrics());
        ratios = new UpdateRatios(trainer.model());
        StringBuilder text = new StringBuilder(HEADER);
        ratios.names().forEach(name -> text.append(',').append(name.replace(',', '_')));
        text.append('\n');
        for (String line : lines(file)) {
            String[] words = line.split(",", -1);
            if (isWhole(words, FIXED + ratios.names().size()) && Long.parseLong(words[0]) <= trainer.step()) {
                text.append(line).append('\n');
            }
        }
        write(text.toString(), StandardOpenOption.TRUNCATE_EXISTING);
        keepWeightsOfNext(trainer.step());
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        long step = trainer.step();
        if (step % every == 0) {
            write(line(trainer, step), StandardOpenOption.APPEND);
        }
        keepWeightsOfNext(step);
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        lossSum = 0;
        weightSum = 0;
    }

    @Override
    public void onTrainEnd(Trainer trainer) {
        if (ratios != null) {
            ratios.close();
            ratios = null;
        }
    }

    private void keepWeightsOfNext(long step) {
        if ((step + 1) % every == 0) {
            ratios.keep();
        }
    }

    private String line(Trainer trainer, long step) {
        RunningMetrics metrics = trainer.metrics();
        double sum = metrics.lossSum();
        double weight = weights(metrics);
        double epoch = trainer.epoch()
                + (double) trainer.nextBatch() / trainer.loader().batchesPerEpoch();
        StringBuilder line = new StringBuilder();
        line.append(step).append(',').append((float) epoch);
        line.append(',').append(System.currentTimeMillis() / 1000.0);
        line.append(',').append((float) ((sum - lossSum) / (weight - weightSum)));
        line.append(',').append((float) trainer.learningRate());
        for (double ratio : ratios.ratios()) {
            line.append(',').append((float) ratio);
        }
        lossSum = sum;
        weightSum = weight;
        return line.append('\n').toString();
    }

    /** Returns what the sum of the losses is divided by. */
    private static double weights(RunningMetrics metrics) {
        double sum = metrics.weightSum();
        return sum == 0 ? metrics.samples() : sum;
    }

    private void write(String text, StandardOpenOption how) {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " could not be written: " + e.getMessage(), e);
        }
    }

    /** Returns the lines that have their end; the last one may be cut within a number. */
    private static List<String> lines(Path file) {
        try {
            String text = Files.exists(file) ? Files.readString(file) : "";
            return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " could not be read: " + e.getMessage(), e);
        }
    }

    /** Tells whether a line has all its numbers, which one that a full disk cut may not have, nor the header. */
    private static boolean isWhole(String[] words, int count) {
        try {
            if (words.length != count) {
                return false;
            }
            Long.parseLong(words[0]);
            for (int i = 1; i < count; i++) {
                Double.parseDouble(words[i]);
            }
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /**
     * Reads such a file, also while a training writes it.
     *
     * @return nothing where there is no file
     */
    public static Report.Steps read(Path file) {
        List<String> lines = lines(file);
        String[] columns = lines.isEmpty() ? new String[0] : lines.get(0).split(",", -1);
        if (columns.length < FIXED) {
            return Report.Steps.NONE;
        }
        List<List<Double>> values = new ArrayList<>();
        for (int i = 0; i < columns.length; i++) {
            values.add(new ArrayList<>());
        }
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.split(",", -1);
            if (isWhole(words, columns.length)) {
                for (int i = 0; i < words.length; i++) {
                    double value = Double.parseDouble(words[i]);
                    values.get(i).add(Double.isFinite(value) ? value : null);
                }
            }
        }
        Map<String, List<Double>> ratios = new LinkedHashMap<>();
        for (int i = FIXED; i < columns.length; i++) {
            ratios.put(columns[i], values.get(i));
        }
        return new Report.Steps(values.get(1), values.get(2), values.get(3), values.get(4), ratios);
    }
}
