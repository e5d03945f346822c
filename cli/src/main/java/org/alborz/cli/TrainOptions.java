package org.alborz.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.alborz.models.Models;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that make up {@link TrainSettings}; what is not given is null, so that a resumed run keeps its own. */
final class TrainOptions {
    private static final long SEED = 1;

    @Parameters(
            arity = "0..1",
            paramLabel = "MODEL",
            description =
                    "Of images: cifar-cnn, inception, lenet5, mlp, mobilenet-v2, resnet18, resnet20, resnet50, resnet56,"
                            + " vgg11 or vgg16; of tables: mlp; of texts: gpt or lstm (default: cifar-cnn). "
                            + Recipe.HELP)
    private String model;

    @Option(
            names = "--data",
            paramLabel = "NAME|PATH",
            description = "What to learn from (default: generated).%n"
                    + "  generated: drawn images that need no files and are NOT CIFAR-10%n"
                    + "  mnist, fashion-mnist, cifar10 or cifar100: downloaded once, into a folder that is said%n"
                    + "  DIR: with the files of one of these; or with a folder of images for each class, in train/ and in"
                    + " val/ or test/, or directly, of which a fifth is then held out%n"
                    + "  FILE.csv: a table, for mlp, with --target; a fifth of the rows is held out%n"
                    + "  FILE.txt: a text, for gpt and lstm; its last tenth is held out")
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

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Samples a step (default: 128; 32 of texts and tables).")
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

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            description = "Default: 0.01 for adamw, otherwise 0; see MODEL.")
    private Double weightDecay;

    @Option(names = "--schedule", paramLabel = "NAME", description = ScheduleSettings.HELP)
    private String schedule;

    @Option(names = "--augment", negatable = true, description = "Mirror and shift the training images at random.")
    private Boolean augment;

    @Option(
            names = "--sync-batch-norm",
            negatable = true,
            description =
                    "Have batch norm normalise by the batches of all processes of ./alborz launch or of a scheduler, not by"
                            + " those of each.")
    private Boolean syncBatchNorm;

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

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            description = "Of a CSV file: the column to predict from the others.")
    private String target;

    @Option(
            names = "--task",
            paramLabel = "NAME",
            description = "Of a CSV file: classification or regression (default: classification of words, regression of"
                    + " numbers).")
    private String task;

    @Option(
            names = "--hidden",
            paramLabel = "N+N",
            description = "Of a CSV file: the sizes of mlp's hidden layers (default: 64+64).")
    private String hidden;

    @Option(
            names = "--tokens",
            paramLabel = "NAME|N",
            description =
                    "Of a text: characters, or how many byte pairs are learned from it, from 256 on (default: characters).")
    private String tokens;

    @Option(names = "--context", paramLabel = "N", description = "Of a text: tokens in a sequence (default: 64).")
    private Integer context;

    @Option(
            names = "--size",
            paramLabel = "N",
            description =
                    "Of gpt and lstm: the size of a token's vector and of lstm's layers (default: 96 of gpt, 192 of lstm).")
    private Integer size;

    @Option(names = "--layers", paramLabel = "N", description = "Of gpt and lstm (default: 2).")
    private Integer layers;

    @Option(names = "--heads", paramLabel = "N", description = "Of gpt: heads of attention (default: 4).")
    private Integer heads;

    @Option(names = "--dropout", paramLabel = "X", description = "Of gpt and lstm (default: 0.1).")
    private Double dropout;

    /** Returns the settings of a new run. */
    TrainSettings settings() {
        String net = Objects.requireNonNullElse(model, Models.NAMES.get(0));
        String samples = data == null ? ImageSource.GENERATED : ImageSource.absolute(data);
        Recipe usual = Recipe.of(net, samples);
        Recipe recipe = optimizer == null ? usual : usual.by(optimizer);
        return over(new TrainSettings(
                net,
                samples,
                0,
                Models.USUAL_SIZE,
                recipe.epochs(),
                recipe.batchSize(),
                SEED,
                recipe.optimizer(),
                recipe.learningRate(),
                recipe.weightDecay(),
                recipe.schedule(),
                false,
                TrainSettings.PRECISIONS.get(0),
                List.of(),
                SaveInterval.EPOCH,
                false,
                details(Map.of())));
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
                Objects.requireNonNullElse(saveEvery, base.saveEvery()),
                Objects.requireNonNullElse(syncBatchNorm, base.syncBatchNorm()),
                details(base.details()));
    }

    /** Returns details, replaced by what was given. */
    private Map<String, String> details(Map<String, String> base) {
        Map<String, Object> given = new LinkedHashMap<>();
        given.put(TableSource.TARGET, target);
        given.put(TableSource.TASK, task);
        given.put(TableSource.HIDDEN, hidden);
        given.put(TextSettings.TOKENS, tokens);
        given.put(TextSettings.CONTEXT, context);
        given.put(TextSettings.SIZE, size);
        given.put(TextSettings.LAYERS, layers);
        given.put(TextSettings.HEADS, heads);
        given.put(TextSettings.DROPOUT, dropout);
        Map<String, String> details = base;
        for (Map.Entry<String, Object> entry : given.entrySet()) {
            if (entry.getValue() != null) {
                details = Details.with(details, entry.getKey(), entry.getValue().toString());
            }
        }
        return details;
    }
}
