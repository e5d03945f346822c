package org.alborz.cli;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.RandomCrop;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.metrics.Metric;
import org.alborz.models.Models;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Optimizers;
import org.alborz.tensor.Session;
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
 * @param syncBatchNorm whether batch norm normalises by the batches of all ranks; checkpoints of before do not say
 * @param details what only some models have, by the names of options: see {@link TextSettings} and {@link TableSource}; checkpoints of before
 *     have none
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
        String saveEvery,

        @JacksonInject(value = JsonFile.OFF, useInput = OptBoolean.TRUE)
        boolean syncBatchNorm,

        @JacksonInject(value = JsonFile.DETAILS, useInput = OptBoolean.TRUE)
        Map<String, String> details) {
    static final List<String> NAMES =
            Stream.concat(Models.NAMES.stream(), TextSettings.MODELS.stream()).toList();
    static final List<String> PRECISIONS = List.of("float32", "bfloat16", "float16");
    private static final int CROP_PADDING = 4;

    /** More than all of a weight in each step, at any learning rate that trains. */
    private static final double MOST_DECAY = 1e6;

    TrainSettings {
        OptionChecks.oneOf("MODEL", model, NAMES);
        ImageSource.absolute(data);
        new ImageSource(data, limit, imageSize);
        boolean isText = TextSettings.isOf(model);
        boolean isTable = !isText && TableSource.isAt(data);
        if (isText) {
            details = TextSettings.of(model, details).details();
        } else if (isTable) {
            details = TableSource.complete(model, details);
        } else {
            Details.requireKeys(details, List.of(), model + " on images");
            if (imageSize < Models.smallestSize(model)) {
                throw CommandFailure.usage("--image-size expects at least " + Models.smallestSize(model) + " for "
                        + model + ", got " + imageSize);
            }
        }
        if (isText || isTable) {
            requireNoImages(model, imageSize, augment);
        }
        if (isText && new ImageSource(data, limit, imageSize).isNamed()) {
            throw CommandFailure.usage(model + " learns a text: name a text file with --data");
        }
        OptionChecks.count("--epochs", epochs);
        OptionChecks.count("--batch-size", batchSize);
        OptionChecks.oneOf("--optimizer", optimizer, Optimizers.NAMES);
        OptionChecks.positive("--learning-rate", learningRate);
        weightDecay = OptionChecks.atLeastZero("--weight-decay", weightDecay, MOST_DECAY);
        ScheduleSettings.parse(schedule, epochs);
        OptionChecks.oneOf("--precision", precision, PRECISIONS);
        metrics = isText ? MetricNames.requireNone(metrics, model) : MetricNames.require(metrics);
        SaveInterval.parse(saveEvery);
    }

    private static void requireNoImages(String model, int imageSize, boolean augment) {
        if (imageSize != Models.USUAL_SIZE) {
            throw CommandFailure.usage("--image-size is for images, and " + model + " gets none here; leave it out");
        }
        if (augment) {
            throw CommandFailure.usage("--augment is for images, and " + model + " gets none here; leave it out");
        }
    }

    /** Returns the data, which are read once; hold it. */
    DataSource source() {
        if (TextSettings.isOf(model)) {
            return new TextSource(Path.of(data), limit, TextSettings.of(model, details));
        }
        return TableSource.isAt(data)
                ? new TableSource(Path.of(data), limit, details)
                : new ImageSource(data, limit, imageSize);
    }

    /** Returns the net, not yet made on a device. */
    Layer newModel(Signature signature) {
        if (TextSettings.isOf(model)) {
            return TextSettings.of(model, details).newModel(signature.outputs());
        }
        return TableSource.isAt(data)
                ? new TableModel(signature, TableSource.hidden(details))
                : Models.byName(model, signature.outputs(), imageSize);
    }

    /** Makes a new model for training data. */
    Model createModel(Session session, Signature signature, Dataset training) {
        Layer net = newModel(signature);
        Model model = Model.create(session, net, modelPrecision(), seed);
        if (net instanceof TableModel table) {
            table.standardize(training);
        }
        return model;
    }

    /** Returns the types that the model keeps its values in and computes in. */
    Precision modelPrecision() {
        return precision(precision);
    }

    /** Returns what one of {@link #PRECISIONS} means. */
    static Precision precision(String name) {
        return name.equals("float32")
                ? Precision.full()
                : Precision.mixed(DType.valueOf(name.toUpperCase(Locale.ROOT)));
    }

    Optimizer newOptimizer() {
        return Optimizers.byName(optimizer, learningRate, weightDecay);
    }

    /** Returns what is measured beside the loss and the accuracy. */
    Metric[] moreMetrics(Signature signature) {
        return metrics.stream()
                .filter(name -> !name.equals(MetricNames.ACCURACY))
                .map(name -> MetricNames.of(name, signature.outputs()))
                .toArray(Metric[]::new);
    }

    /** Refuses metrics that do not fit what is learned, which of a table only its column tells. */
    void requireMeasured(Signature signature) {
        if (signature.task() == Task.REGRESSION && metrics.size() > 1) {
            throw OptionChecks.refused(
                    "--metrics",
                    "no names where numbers are predicted, whose mae and r2 are measured",
                    metrics.get(1) + "; for classes: --task classification");
        }
    }

    ScheduleSettings scheduleSettings() {
        return ScheduleSettings.parse(schedule, epochs);
    }

    /** Returns what runs are compared by. */
    Map<String, Object> hyperParameters() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", model);
        values.put("data", Path.of(data).getFileName().toString());
        values.put("batch_size", batchSize);
        values.put("optimizer", optimizer);
        values.put("learning_rate", learningRate);
        values.put("weight_decay", weightDecay);
        values.put("schedule", schedule);
        values.put("augment", augment);
        values.put("precision", precision);
        values.put("seed", seed);
        values.putAll(details);
        return values;
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
        compare(found, "--sync-batch-norm", syncBatchNorm, other.syncBatchNorm);
        compare(found, "--metrics", String.join(",", metrics), String.join(",", other.metrics));
        Set<String> keys = new TreeSet<>(details.keySet());
        keys.addAll(other.details.keySet());
        for (String key : keys) {
            compare(
                    found,
                    "--" + key,
                    details.getOrDefault(key, "not given"),
                    other.details.getOrDefault(key, "not given"));
        }
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
