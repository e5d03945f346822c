package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.RandomCrop;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.metrics.Metric;
import org.alborz.models.Models;
import org.alborz.nn.Precision;
import org.alborz.nn.Sequential;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Optimizers;
import org.alborz.type.DType;

/**
 * What a training run does; stored in its checkpoints.
 *
 * @param data see {@link ImageSource}
 * @param limit see {@link ImageSource}
 * @param imageSize see {@link ImageSource}
 * @param schedule see {@link ScheduleSettings#parse}
 * @param metrics see {@link MetricNames}
 * @param saveEvery see {@link SaveInterval#parse}
 */
record TrainSettings(
        String model,
        String data,
        int limit,
        int imageSize,
        int epochs,
        int batchSize,
        long seed,
        String optimizer,
        double learningRate,
        double weightDecay,
        String schedule,
        boolean augment,
        String precision,
        List<String> metrics,
        String saveEvery) {
    static final List<String> PRECISIONS = List.of("float32", "bfloat16", "float16");
    private static final int CROP_PADDING = 4;

    /** More than all of a weight in each step, at any learning rate that trains. */
    private static final double MOST_DECAY = 1e6;

    TrainSettings {
        OptionChecks.oneOf("MODEL", model, Models.NAMES);
        ImageSource.absolute(data);
        new ImageSource(data, limit, imageSize);
        if (imageSize < Models.smallestSize(model)) {
            throw CommandFailure.usage("--image-size expects at least " + Models.smallestSize(model) + " for " + model
                    + ", got " + imageSize);
        }
        OptionChecks.count("--epochs", epochs);
        OptionChecks.count("--batch-size", batchSize);
        OptionChecks.oneOf("--optimizer", optimizer, Optimizers.NAMES);
        OptionChecks.positive("--learning-rate", learningRate);
        weightDecay = OptionChecks.atLeastZero("--weight-decay", weightDecay, MOST_DECAY);
        ScheduleSettings.parse(schedule, epochs);
        OptionChecks.oneOf("--precision", precision, PRECISIONS);
        metrics = MetricNames.require(metrics);
        SaveInterval.parse(saveEvery);
    }

    ImageSource source() {
        return new ImageSource(data, limit, imageSize);
    }

    /** Returns the net, not yet made on a device. */
    Sequential newModel(int classes) {
        return Models.byName(model, classes, imageSize);
    }

    /** Returns the types that the model keeps its values in and computes in. */
    Precision modelPrecision() {
        return precision.equals("float32")
                ? Precision.full()
                : Precision.mixed(DType.valueOf(precision.toUpperCase(Locale.ROOT)));
    }

    Optimizer newOptimizer() {
        return Optimizers.byName(optimizer, learningRate, weightDecay);
    }

    /** Returns what is measured beside the loss and the accuracy. */
    Metric[] moreMetrics(int classes) {
        return metrics.stream()
                .filter(name -> !name.equals(MetricNames.ACCURACY))
                .map(name -> MetricNames.of(name, classes))
                .toArray(Metric[]::new);
    }

    ScheduleSettings scheduleSettings() {
        return ScheduleSettings.parse(schedule, epochs);
    }

    DataLoader trainingLoader(Dataset dataset) {
        DataLoader.Builder loader =
                DataLoader.of(dataset, batchSize).shuffle(true).seed(seed);
        if (augment) {
            loader.transform(new RandomHorizontalFlip()).transform(new RandomCrop(CROP_PADDING));
        }
        return loader.build();
    }

    /** Returns where other settings differ so that a run cannot continue with them, one "name: mine, not theirs" each. */
    List<String> conflicts(TrainSettings other) {
        List<String> found = new ArrayList<>();
        compare(found, "MODEL", model, other.model);
        if (source().isGenerated() != other.source().isGenerated()) { // a folder may have moved
            compare(found, "--data", data, other.data);
        }
        compare(found, "--limit", limit, other.limit);
        compare(found, "--image-size", imageSize, other.imageSize);
        compare(found, "--batch-size", batchSize, other.batchSize);
        compare(found, "--seed", seed, other.seed);
        compare(found, "--optimizer", optimizer, other.optimizer);
        compare(found, "--learning-rate", learningRate, other.learningRate);
        compare(found, "--weight-decay", weightDecay, other.weightDecay);
        compare(found, "--schedule", schedule, other.schedule);
        compare(found, "--augment", augment, other.augment);
        compare(found, "--precision", precision, other.precision);
        compare(found, "--metrics", String.join(",", metrics), String.join(",", other.metrics));
        if (scheduleSettings().dependsOnEpochs()) {
            compare(found, "--epochs (with --schedule " + schedule + ")", epochs, other.epochs);
        }
        return found;
    }

    private static void compare(List<String> found, String name, Object mine, Object theirs) {
        if (!mine.equals(theirs)) {
            found.add(name + " " + mine + ", not " + theirs);
        }
    }
}
