package org.alborz.cli;

import java.util.List;
import java.util.Objects;
import org.alborz.models.Models;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that make up {@link TrainSettings}; what is not given is null, so that a resumed run keeps its own. */
final class TrainOptions {
    private static final int BATCH_SIZE = 128;
    private static final long SEED = 1;

    @Parameters(
            arity = "0..1",
            paramLabel = "MODEL",
            description =
                    "cifar-cnn, inception, lenet5, mlp, mobilenet-v2, resnet18, resnet20, resnet50, resnet56, vgg11 or"
                            + " vgg16 (default: cifar-cnn). " + Recipe.HELP)
    private String model;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Directory of CIFAR-10's binary version; or of image folders, one for each class, in train/ and in val/ or"
                            + " test/, or directly, of which a fifth is then held out; or \"generated\": drawn images that need no"
                            + " files and are NOT CIFAR-10 (default: generated).")
    private String data;

    @Option(
            names = "--image-size",
            paramLabel = "N",
            description =
                    "Height and width that images of folders are resized to (default: " + Models.USUAL_SIZE + ").")
    private Integer imageSize;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Use only the first N images of each part, of image folders any N.")
    private Integer limit;

    @Option(names = "--epochs", paramLabel = "N", description = "Epochs in all (default: 5, or 40; see MODEL).")
    private Integer epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Images a step (default: " + BATCH_SIZE + ").")
    private Integer batchSize;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Decides first weights, order, augmentation and dropout (default: " + SEED + ").")
    private Long seed;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            description =
                    "sgd, momentum, nesterov, adam, adamw, amsgrad, adamax, nadam, radam, adagrad, adadelta, rmsprop, lion,"
                            + " lamb, adafactor or muon (default: adam, or nesterov; see MODEL).")
    private String optimizer;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description =
                    "Default: depends on the optimizer: 0.001 for adam and adamw, 0.1 for sgd, 0.05 for momentum and"
                            + " nesterov; see MODEL.")
    private Double learningRate;

    @Option(names = "--weight-decay", paramLabel = "X", description = "Default: 0.01 for adamw, otherwise 0; see MODEL.")
    private Double weightDecay;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description = ScheduleSettings.HELP)
    private String schedule;

    @Option(names = "--augment", negatable = true, description = "Mirror and shift the training images at random.")
    private Boolean augment;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            description =
                    "float32; or bfloat16 or float16, which layers then compute in, while weights are kept and saved in float32"
                            + " (default: float32).")
    private String precision;

    @Option(
            names = "--metrics",
            split = ",",
            paramLabel = "NAME",
            description = "What to measure beside the loss, on training and validation data: " + MetricNames.KNOWN
                    + "; accuracy is always among it (default: accuracy).")
    private List<String> metrics;

    @Option(
            names = "--save-every",
            paramLabel = "N|TIME",
            description =
                    "Save last.safetensors within an epoch as well: every N steps, or whenever TIME, such as 30s, 10m or 2h,"
                            + " has passed (default: epoch, at the ends of epochs only).")
    private String saveEvery;

    boolean hasModel() {
        return model != null;
    }

    boolean hasEpochs() {
        return epochs != null;
    }

    /** Returns the settings of a new run. */
    TrainSettings settings() {
        String net = Objects.requireNonNullElse(model, Models.NAMES.get(0));
        String images = Objects.requireNonNullElse(data, ImageSource.GENERATED);
        Recipe usual = Recipe.of(net, images.equals(ImageSource.GENERATED));
        Recipe recipe = optimizer == null ? usual : usual.by(optimizer);
        return over(new TrainSettings(
                net,
                ImageSource.GENERATED,
                0,
                Models.USUAL_SIZE,
                recipe.epochs(),
                BATCH_SIZE,
                SEED,
                recipe.optimizer(),
                recipe.learningRate(),
                recipe.weightDecay(),
                recipe.schedule(),
                false,
                TrainSettings.PRECISIONS.get(0),
                List.of(),
                SaveInterval.EPOCH));
    }

    /** Returns other settings, replaced by what was given. */
    TrainSettings over(TrainSettings base) {
        if (limit != null) {
            OptionChecks.count("--limit", limit);
        }
        return new TrainSettings(
                Objects.requireNonNullElse(model, base.model()),
                data == null ? base.data() : ImageSource.absolute(data),
                Objects.requireNonNullElse(limit, base.limit()),
                Objects.requireNonNullElse(imageSize, base.imageSize()),
                Objects.requireNonNullElse(epochs, base.epochs()),
                Objects.requireNonNullElse(batchSize, base.batchSize()),
                Objects.requireNonNullElse(seed, base.seed()),
                Objects.requireNonNullElse(optimizer, base.optimizer()),
                Objects.requireNonNullElse(learningRate, base.learningRate()),
                Objects.requireNonNullElse(weightDecay, base.weightDecay()),
                Objects.requireNonNullElse(schedule, base.schedule()),
                Objects.requireNonNullElse(augment, base.augment()),
                Objects.requireNonNullElse(precision, base.precision()),
                Objects.requireNonNullElse(metrics, base.metrics()),
                Objects.requireNonNullElse(saveEvery, base.saveEvery()));
    }
}
