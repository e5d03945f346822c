package org.alborz.optim;

import java.util.List;

/** The optimizers by name, with the settings that are usual for them. */
public final class Optimizers {
    /** The names that the methods take. */
    public static final List<String> NAMES = List.of(
            "sgd",
            "momentum",
            "nesterov",
            "adam",
            "adamw",
            "amsgrad",
            "adamax",
            "nadam",
            "radam",
            "adagrad",
            "adadelta",
            "rmsprop",
            "lion",
            "lamb",
            "adafactor",
            "muon");

    private static final double MOMENTUM = 0.9;

    private Optimizers() {}

    /**
     * Makes an optimizer: {@code momentum} and {@code nesterov} are {@link Sgd} with momentum 0.9, {@code amsgrad} is {@link Adam#amsgrad},
     * and the others are named as their classes.
     *
     * @param name one of {@link #NAMES}
     * @param weightDecay added to the gradient; decoupled, that is subtracted from the values, for {@code adamw}, {@code lion}, {@code adafactor} and
     *     {@code muon}; part of the direction for {@code lamb}
     * @throws IllegalArgumentException for another name, or numbers that the optimizer does not take
     */
    public static Optimizer byName(String name, double learningRate, double weightDecay) {
        return switch (name) {
            case "sgd" -> new Sgd(learningRate).weightDecay(weightDecay);
            case "momentum" -> new Sgd(learningRate).momentum(MOMENTUM).weightDecay(weightDecay);
            case "nesterov" ->
                new Sgd(learningRate).momentum(MOMENTUM).nesterov().weightDecay(weightDecay);
            case "adam" -> new Adam(learningRate).weightDecay(weightDecay);
            case "adamw" -> new AdamW(learningRate).weightDecay(weightDecay);
            case "amsgrad" -> new Adam(learningRate).weightDecay(weightDecay).amsgrad();
            case "adamax" -> new Adamax(learningRate).weightDecay(weightDecay);
            case "nadam" -> new NAdam(learningRate).weightDecay(weightDecay);
            case "radam" -> new RAdam(learningRate).weightDecay(weightDecay);
            case "adagrad" -> new Adagrad(learningRate).weightDecay(weightDecay);
            case "adadelta" -> new Adadelta(learningRate).weightDecay(weightDecay);
            case "rmsprop" -> new RmsProp(learningRate).weightDecay(weightDecay);
            case "lion" -> new Lion(learningRate).weightDecay(weightDecay);
            case "lamb" -> new Lamb(learningRate).weightDecay(weightDecay);
            case "adafactor" -> new Adafactor(learningRate).weightDecay(weightDecay);
            case "muon" -> new Muon(learningRate).weightDecay(weightDecay);
            default -> throw unknown(name);
        };
    }

    /** Returns a learning rate that suits an optimizer of a name. */
    public static double usualLearningRate(String name) {
        return switch (name) {
            case "sgd" -> 0.1;
            case "momentum", "nesterov" -> 0.05;
            case "adam", "adamw", "amsgrad", "radam", "rmsprop" -> 0.001;
            case "adamax", "nadam" -> 0.002;
            case "adagrad", "lamb", "adafactor" -> 0.01;
            case "muon" -> 0.02;
            case "adadelta" -> 1;
            case "lion" -> 0.0001;
            default -> throw unknown(name);
        };
    }

    /** Returns the weight decay that an optimizer of a name has where none is given: 0.01 of {@code adamw}, 0 of the others. */
    public static double usualWeightDecay(String name) {
        if (!NAMES.contains(name)) {
            throw unknown(name);
        }
        return name.equals("adamw") ? 0.01 : 0;
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("Optimizer '" + name + "' is unknown; expected one of " + NAMES);
    }
}
