package org.alborz.cli;

import java.util.List;
import org.alborz.data.AlternatingFlip;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.PatchWhitening;
import org.alborz.data.RandomCrop;
import org.alborz.data.Subset;
import org.alborz.models.Airbench;
import org.alborz.nn.CrossEntropyLoss;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.optim.LookaheadOptimizer;
import org.alborz.optim.Muon;
import org.alborz.optim.Optimizer;
import org.alborz.optim.ParameterGroup;
import org.alborz.optim.Schedule;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.LambdaCallback;
import org.alborz.train.Trainer;

/**
 * What {@link SpeedrunCommand} trains, with the settings of airbench94 (Jordan 2024): {@link Airbench}, Nesterov momentum 0.85 with a learning rate of 11.5
 * and a weight decay of 0.0153 for 1,024 images, both divided by 1 + 1 / (1 − 0.85), biases of norms at 64 times the rate, label smoothing 0.2,
 * alternating flip, and crops of images that are padded by 2 pixels of reflection. The learning rate rises from 0.2 to 1 of its largest value in 23 % of
 * the steps, and falls to 0.07. The {@link #lookahead} is part of it; after the last step the slow weights are the result. With Muon the convolutions of the groups are its matrices; its settings are not the paper's, and not tuned.
 *
 * @param width what the numbers of channels are multiplied by
 * @param learningRate of 1,024 images, before it is divided; of Muon the rate itself
 * @param precision one of {@link TrainSettings#PRECISIONS}
 * @param optimizer one of {@link #OPTIMIZERS}
 */
record SpeedrunSettings(
        int epochs,
        int batchSize,
        double width,
        double learningRate,
        String precision,
        String optimizer,
        boolean lookahead) {
    static final List<String> OPTIMIZERS = List.of("nesterov", "muon");
    private static final String MUON = "muon";

    private static final double NESTEROV_RATE = 11.5;
    private static final double MUON_RATE = 0.02;

    /** What Muon trains by AdamW: biases and the last layer, whose logits are divided by 9. */
    private static final double ADAM_RATE = 0.01;

    private static final int CONVOLUTION_RANK = 4;

    private static final double MOMENTUM = 0.85;
    private static final double WEIGHT_DECAY = 0.0153;
    private static final int RATED_IMAGES = 1024;
    private static final double NORM_BIAS_FACTOR = 64;
    private static final double LABEL_SMOOTHING = 0.2;
    private static final int CROP_PADDING = 2;

    private static final int WHITENED_IMAGES = 5_000;
    private static final int PATCH_SIZE = 2;
    private static final double WHITENING_EPSILON = 5e-4;

    /** The share of the epochs in which the bias of the whitening convolution learns. */
    private static final double BIAS_EPOCHS = 0.3;

    private static final int LOOKAHEAD_PERIOD = 5;
    private static final double LAST_SHARE = Math.pow(0.95, LOOKAHEAD_PERIOD);
    private static final int SHARE_POWER = 3;

    private static final double PEAK = 0.23;
    private static final double START = 0.2;
    private static final double END = 0.07;

    SpeedrunSettings {
        OptionChecks.count("--epochs", epochs);
        OptionChecks.count("--batch-size", batchSize);
        OptionChecks.positive("--width", width);
        if (width > 16) {
            throw OptionChecks.refused("--width", "at most 16", width);
        }
        OptionChecks.positive("--learning-rate", learningRate);
        OptionChecks.oneOf("--precision", precision, TrainSettings.PRECISIONS);
        OptionChecks.oneOf("--optimizer", optimizer, OPTIMIZERS);
    }

    /** Returns the learning rate where none is given. */
    static double learningRate(String optimizer) {
        return optimizer.equals(MUON) ? MUON_RATE : NESTEROV_RATE;
    }

    /** Computes the first filters. */
    static PatchWhitening whitening(Dataset training) {
        return PatchWhitening.of(
                Subset.first(training, Math.min(WHITENED_IMAGES, training.size())), PATCH_SIZE, WHITENING_EPSILON);
    }

    /** Returns the loss that is trained and evaluated. */
    static CrossEntropyLoss loss() {
        return Loss.crossEntropy(LABEL_SMOOTHING);
    }

    DataLoader loader(Dataset training, long seed) {
        int size = Math.min(batchSize, training.size());
        return DataLoader.of(training, size)
                .shuffle(true)
                .dropLast(true)
                .seed(seed)
                .transform(new AlternatingFlip(seed))
                .transform(new RandomCrop(CROP_PADDING).reflecting())
                .build();
    }

    Model model(Session session, int classes, PatchWhitening whitening, long seed) {
        Model model = Model.create(
                session, Airbench.of(classes, width, whitening.filters()), TrainSettings.precision(precision), seed);
        Airbench.freeze(model);
        return model;
    }

    Trainer trainer(Model model, DataLoader loader, long seed, Callback progress) {
        int biasEpochs = (int) Math.ceil(BIAS_EPOCHS * epochs);
        long steps = (long) epochs * loader.batchesPerEpoch();
        Optimizer trained = optimizer(loader.batchSize());
        LookaheadOptimizer slow = lookahead ? lookahead(trained, steps) : null;
        return Trainer.classifier(model, slow == null ? trained : slow, loss())
                .schedule(schedule(steps))
                .seed(seed)
                .verbose(false)
                .graphCapture(model.session().backend().graphCapture().isPresent())
                .callback(new LambdaCallback().onEpochBegin(running -> {
                    if (running.epoch() == biasEpochs) {
                        model.freeze(Airbench.WHITENING_BIAS::equals);
                    }
                }))
                .callback(new LambdaCallback().onStepEnd(running -> {
                    if (slow != null && running.step() == steps) {
                        slow.useSlowWeights();
                    }
                }))
                .callback(progress)
                .build();
    }

    /**
     * Returns an optimizer with the lookahead of airbench94: slow weights w follow those that are trained, θ. After every fifth step t of T,
     * {@code w = d·w + (1 − d)·θ} and {@code θ = w} with {@code d = 0.95⁵·(t/T)³}, so that they differ little at first. Steps that float16's loss scale skips
     * do not count. Running statistics of norms take part, as those of the paper's program do.
     *
     * @param steps of the whole training
     */
    static LookaheadOptimizer lookahead(Optimizer optimizer, long steps) {
        return new LookaheadOptimizer(optimizer, step -> {
                    double share = LAST_SHARE * Math.pow((double) step / steps, SHARE_POWER);
                    return step % LOOKAHEAD_PERIOD == 0 ? 1 - share : Double.NaN;
                })
                .withStatistics();
    }

    private Optimizer optimizer(int size) {
        return optimizer.equals(MUON)
                ? new Muon(learningRate).adamRate(ADAM_RATE).matrices(SpeedrunSettings::isConvolution)
                : nesterov(size);
    }

    private static boolean isConvolution(Parameter parameter) {
        return parameter.shape().rank() == CONVOLUTION_RANK;
    }

    private Optimizer nesterov(int size) {
        double steps = 1 + 1 / (1 - MOMENTUM);
        double decay = WEIGHT_DECAY / learningRate; // subtracts the same share of a weight at any rate
        return new Sgd(learningRate * size / RATED_IMAGES / steps)
                .momentum(MOMENTUM)
                .nesterov()
                .weightDecay(decay)
                .groups(ParameterGroup.named(Airbench::isNormBias)
                        .rateFactor(NORM_BIAS_FACTOR)
                        .weightDecay(decay / NORM_BIAS_FACTOR));
    }

    private static Schedule schedule(long steps) {
        long rising = Math.max(1, Math.round(PEAK * steps));
        return Schedule.sequential(
                new long[] {rising},
                Schedule.linear(rising, START, 1),
                Schedule.linear(Math.max(1, steps - rising), 1, END));
    }
}
